"""Where the work runs: in processes of this machine, on a cluster of Dask, or in the jobs of an array."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from gaupt.errors import GauptError
from gaupt.progress import Progress
from gaupt.remote import Remote
from gaupt.workers.claims import open_claims
from gaupt.workers.crew import Crew, local_crew
from gaupt.workers.dask import dask_crew
from gaupt.workers.pool import default_workers


@dataclass(frozen=True)
class Engine:
    """Where the work of a stage runs."""

    name: str = "local"
    """``local``: processes of this machine; ``dask``: the workers of a cluster."""
    address: str | None = None
    """The scheduler of Dask distributed."""
    job: int | None = None
    """Which of the ``jobs`` this is that share the work in one folder, from 0."""
    jobs: int | None = None

    def check(self) -> None:
        """Refuse what does not fit together.

        Raises:
            GauptError: so it is.
        """
        if self.name not in ("local", "dask"):
            raise GauptError(f"--engine {self.name}: choose local or dask")
        if self.name == "dask" and self.address is None:
            raise GauptError(
                "--engine dask needs the scheduler's address: add --dask-address tcp://HOST:PORT"
            )
        if self.name != "dask" and self.address is not None:
            raise GauptError("--dask-address is for --engine dask; add that or leave it out")
        if (self.job is None) != (self.jobs is None):
            raise GauptError("--task-index and --num-tasks belong together")
        if self.job is not None and self.jobs is not None:
            if self.name != "local":
                raise GauptError("--task-index shares work without --engine; leave one of them out")
            if not 0 <= self.job < self.jobs:
                raise GauptError(
                    f"--task-index {self.job}: must be from 0 to --num-tasks - 1 = {self.jobs - 1}"
                )

    def there(self, path: Path) -> Path:
        """``path`` as all that do the work know it: the workers of a cluster may stand in other folders."""
        return path if self.address is None or isinstance(path, Remote) else path.absolute()

    @property
    def is_shared(self) -> bool:
        """Whether other jobs write into the same folder."""
        return self.job is not None


LOCAL = Engine()


@contextmanager
def open_crew(
    engine: Engine, workers: int | None, folder: Path, progress: Progress, tasks: int | None = None
) -> Iterator[Crew]:
    """The crew of ``engine``, which does ``workers`` tasks at once; by default as many as there are cores.

    They write into ``folder``; there are ``tasks`` at most, if that is known.

    Raises:
        GauptError: as `Engine.check` and `gaupt.workers.dask.dask_crew`.
    """
    engine.check()
    if engine.address is not None:
        with dask_crew(engine.address, workers, folder, progress) as crew:
            yield crew
        return
    workers = workers or default_workers()
    with local_crew(workers if tasks is None else max(1, min(workers, tasks))) as crew:
        crew = replace(crew, progress=progress)
        if engine.job is None or engine.jobs is None:
            yield crew
            return
        with open_claims(engine.job, engine.jobs) as claims:
            yield replace(crew, claims=claims)
