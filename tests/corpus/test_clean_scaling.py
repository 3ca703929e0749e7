"""The same bytes from one process, from jobs that share a folder, and from a cluster, whoever dies meanwhile."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gaupt.config import CleanConfig, CleanRules, Config
from gaupt.corpus import clean_parts
from gaupt.corpus.clean import clean
from gaupt.errors import GauptError
from gaupt.files import read_jsonl_zst
from gaupt.stage import Locked
from gaupt.workers import Crew, Engine
from tests.processes import ROOT, Program, start
from tests.workers.cluster import cluster

PART = 25_000
SMALL_PARTS = f"""
from gaupt.corpus import clean_parts
from gaupt.workers import claims, crew
clean_parts.part_bytes = lambda files: {PART}
claims.BEAT, claims.LEASE, crew.POLL = 0.1, 2.0, 0.05
from gaupt.cli import main
main()
"""
STANDS_STILL = SMALL_PARTS.replace(
    "from gaupt.cli",
    """
import time
done, do = [], crew._do

def at_most_one(*task):
    if done:
        time.sleep(90)
    done.append(do(*task))
    return done[-1]

crew._do = at_most_one
from gaupt.cli""",
)
"""The same, but that it stands still at its second part."""


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A corpus of many small parts, of which one file is large enough to be cut and others share parts."""
    monkeypatch.setattr(clean_parts, "part_bytes", lambda files: PART)
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name, numbers in (
        ("a", range(1000)),
        ("b", range(1000, 1100)),
        ("c", range(1050, 1200)),
        ("d", range(9)),
    ):
        with (folder / f"{name}.jsonl").open("w") as file:
            for n in numbers:
                place = chr(0x4E00 + n % 3000)
                text = f"第{n}号仓库今天收到{n * n % 9973}箱货物，其中{n * 31 % 997}箱来自{place}地，按规定登记。"
                file.write(json.dumps({"text": text * (1 + n % 5)}, ensure_ascii=False) + "\n")
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    """All that must be the same, whoever made it."""
    report = json.loads((folder / "report.json").read_text())
    del report["seconds"]
    apart = (".lock", "report.json", "files.json")
    found = {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in apart}
    return found | {"report.json": json.dumps(report).encode()}


@pytest.mark.untraced
@pytest.mark.slow
def test_killed_work_continues(source: Path, tmp_path: Path) -> None:
    clean([source], tmp_path / "one", workers=1)
    command = ("clean", str(source), "-o", str(tmp_path / "two"), "--workers", "1")
    program = start("-c", STANDS_STILL, *command)
    program.wait_for(lambda: list((tmp_path / "two" / "work" / "parts").glob("*.json")))
    program.process.kill()
    assert program.finish()[0] == -signal.SIGKILL
    assert not (tmp_path / "two" / "report.json").exists()
    status, _, err = start("-c", SMALL_PARTS, *command).finish()
    assert status == 0, err
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")


def start_job(source: Path, output: Path, job: int, jobs: int, code: str = SMALL_PARTS) -> Program:
    options = ("--workers", "1", "--task-index", str(job), "--num-tasks", str(jobs))
    return start("-c", code, "clean", str(source), "-o", str(output), *options)


@pytest.mark.untraced
@pytest.mark.slow
def test_jobs_of_an_array_make_the_same(source: Path, tmp_path: Path) -> None:
    clean([source], tmp_path / "one", workers=1)
    jobs = [start_job(source, tmp_path / "three", job, 3) for job in range(3)]
    for job in jobs:
        status, out, err = job.finish()
        assert status == 0, err
        assert f"documents in {tmp_path / 'three'}" in out
    assert files_of(tmp_path / "one") == files_of(tmp_path / "three")


@pytest.mark.untraced
@pytest.mark.slow
def test_the_other_jobs_do_what_a_killed_one_has_begun(source: Path, tmp_path: Path) -> None:
    clean([source], tmp_path / "one", workers=1)
    first = start_job(source, tmp_path / "two", 0, 2, STANDS_STILL)
    parts = tmp_path / "two" / "work" / "parts"

    def begun() -> list[Path]:
        """Claims of parts that are not done, once one is done."""
        claims = parts.glob("*.claim") if list(parts.glob("*.json")) else ()
        return [claim for claim in claims if not claim.with_suffix(".json").exists() and claim.read_text()]

    first.wait_for(begun)
    first.process.kill()
    first.finish()
    assert begun()
    status, _, err = start_job(source, tmp_path / "two", 1, 2).finish()
    assert status == 0, err
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")


@pytest.mark.slow
def test_one_job_of_an_array_is_enough(source: Path, tmp_path: Path) -> None:
    report = clean([source], tmp_path / "out", workers=1, engine=Engine(job=1, jobs=3))
    assert not (tmp_path / "out" / "work").exists()
    assert clean([source], tmp_path / "out", workers=1, engine=Engine(job=0, jobs=3)) == report


@pytest.mark.slow
def test_a_call_that_is_no_job_of_the_array_waits_for_it(source: Path, tmp_path: Path) -> None:
    refused = list[str]()
    real = Crew.alone

    def alone(crew: Crew, *arguments: Any) -> None:
        with pytest.raises(Locked, match="is being written by another gaupt"):
            clean([source], tmp_path / "out", workers=1)
        refused.append("once")
        real(crew, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Crew, "alone", alone)
        clean([source], tmp_path / "out", workers=1, engine=Engine(job=0, jobs=2))
    assert refused == ["once"]


@pytest.mark.untraced
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("enough", [clean_parts.ENOUGH, 0])
def test_a_cluster_that_loses_a_worker_makes_the_same(
    enough: int, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.chdir(tmp_path)  # the workers stand elsewhere
    Path("words.txt").write_text("仓库\n")
    config = Config(clean=CleanConfig(blocked_words="words.txt", rules=CleanRules(max_blocked_share=0.07)))
    clean([source.name], "one", config, workers=1)
    monkeypatch.setattr(clean_parts, "ENOUGH", enough)  # who cuts large files
    killed = []
    real = Crew.run

    def run(crew: Crew, function: Any, tasks: Any) -> Any:
        for result in real(crew, function, tasks):
            if not killed:
                # In mid-task: the second worker, and as likely the first, has work at every moment now.
                machines.kill(0)
                killed.append(True)
            yield result

    with cluster(tmp_path, 2) as machines:
        monkeypatch.setattr(Crew, "run", run)
        clean([source.name], "two", config, engine=machines.engine)
    assert killed
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")


def test_a_missing_cluster_is_one_line(source: Path, tmp_path: Path) -> None:
    with pytest.raises(GauptError, match="add --dask-address"):
        clean([source], tmp_path / "out", Config(), engine=Engine("dask"))
    assert not (tmp_path / "out").exists()


POISON = f"""
import os, signal
from gaupt.corpus import clean_parts
from gaupt.corpus.cleaner import Cleaner
clean_parts.part_bytes = lambda files: {PART}
real = Cleaner.clean

def clean(self, text, treatment):
    if "毒" in text:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(self, text, treatment)

Cleaner.clean = clean
if __name__ == "__main__":
    from gaupt.cli import main
    main()
"""


def run(script: Path, *arguments: str) -> tuple[int, str]:
    """Status and stderr of a script, which its workers import."""
    done = subprocess.run(
        [sys.executable, script, *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return done.returncode, done.stderr


@pytest.mark.untraced
@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_a_document_of_which_workers_die_is_set_aside_counted_and_named(
    workers: int, source: Path, tmp_path: Path
) -> None:
    """Two workers replace one another; one process alone is called again."""
    with (source / "b.jsonl").open("a") as file:
        for name in ("one", "two"):
            file.write(json.dumps({"id": name, "text": f"有{name}毒的文章"}) + "\n")
    script = tmp_path / "poison.py"
    script.write_text(POISON)
    output, calls = tmp_path / "out", 0
    command = ("clean", str(source), "-o", str(output), "--workers", str(workers))
    while True:
        calls += 1
        status, err = start("-c", POISON, *command).finish()[::2] if workers == 1 else run(script, *command)
        if status != -signal.SIGKILL:
            break
    assert status == 0, err
    assert calls == (7 if workers == 1 else 1)
    assert "warning: set aside, because workers died of them three times: one of b, two of b; " in err
    report = json.loads((output / "report.json").read_text())
    assert report["dropped"]["killed_worker"] == report["sources"]["b"]["dropped"]["killed_worker"] == 2
    assert report["read"] == report["kept"] + sum(report["dropped"].values()) == 1261
    dropped = [
        d for path in output.glob("dropped-*") for d in read_jsonl_zst(path) if d["reason"] == "killed_worker"
    ]
    assert [(d["id"], d["excerpt"]) for d in dropped] == [("one", "有one毒的文章"), ("two", "有two毒的文章")]
    assert not (output / "work").exists()


HANGING = f"""
import unicodedata
from gaupt.config import CleanConfig
from gaupt.corpus import clean_part, clean_parts
from gaupt.corpus.cleaner import Cleaner
clean_parts.part_bytes = lambda files: {PART}
real = Cleaner.clean

def clean(self, text, treatment):
    if "毒" in text:
        if "call" in text:
            unicodedata.normalize("NFC", "茶" + "\\u0f71\\u0f72" * 1_000_000)  # half an hour
        while True:
            pass
    return real(self, text, treatment)

first = Cleaner(CleanConfig())
first.clean("茶", first.treatment("a"))  # makes the tables, which takes longer than the bound
Cleaner.clean, clean_part.SECONDS = clean, 0.5
if __name__ == "__main__":
    from gaupt.cli import main
    main()
"""


@pytest.mark.untraced
@pytest.mark.slow
@pytest.mark.parametrize(("workers", "kind"), [(1, "loop"), (2, "loop"), (2, "call")])
def test_a_document_that_hangs_is_set_aside_counted_and_named(
    workers: int, kind: str, source: Path, tmp_path: Path
) -> None:
    reason = "too_slow" if kind == "loop" else "killed_worker"
    with (source / "b.jsonl").open("a") as file:
        file.write(json.dumps({"id": "one", "text": f"有毒的文章{kind}"}) + "\n")
    script = tmp_path / "hanging.py"
    script.write_text(HANGING)
    output = tmp_path / "out"
    status, err = run(script, "clean", str(source), "-o", str(output), "--workers", str(workers))
    assert status == 0, err
    report = json.loads((output / "report.json").read_text())
    assert report["dropped"][reason] == report["sources"]["b"]["dropped"][reason] == 1
    assert report["read"] == report["kept"] + sum(report["dropped"].values()) == 1260
    dropped = [d for path in output.glob("dropped-*") for d in read_jsonl_zst(path) if d["reason"] == reason]
    assert [d["id"] for d in dropped] == ["one"]
