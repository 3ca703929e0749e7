"""The processes that train one model together: what they add up, and what they settle among themselves.

Each holds the whole model and takes its share of every batch. Rank 0 alone writes. Where there is one process only,
nothing here does anything.
"""

import itertools
import json
import re
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from gaupt.errors import GauptError

if TYPE_CHECKING:  # whoever only asks whether there are several processes need not wait for torch
    import torch
    from torch import Tensor
    from torch.distributed import ProcessGroup, Store  # type: ignore[attr-defined]

Value = TypeVar("Value")

ENDED = "ended"
"""Key of the store under which the first process that ends with an error counts."""
PAUSE = 0.02
"""Seconds between two looks for the answer of another process; ten times as many after the first hundred."""


class Lost(Exception):
    """Another process of the run has ended, or cannot be reached."""


@dataclass(frozen=True)
class Ranks:
    """This process among those that train together; without arguments it is alone."""

    rank: int = 0
    world: int = 1
    """How many there are."""
    local_rank: int = 0
    local_world: int = 1
    """How many there are on this machine."""
    device: "torch.device | None" = None
    """Where this one computes; None: as it is asked."""
    store: "Store | None" = None
    """Strings by key that all see."""
    group: "ProcessGroup | None" = None
    _calls: "Iterator[int]" = field(default_factory=itertools.count, repr=False, compare=False)

    @property
    def alone(self) -> bool:
        """Whether there is one process only."""
        return self.world == 1

    @property
    def leads(self) -> bool:
        """Whether this process is the one that writes."""
        return self.rank == 0

    def add_up(self, tensor: "Tensor") -> "Tensor":
        """``tensor``, which becomes the sum of those of all ranks."""
        if self.group is not None:
            from torch import distributed

            with self.contact():
                distributed.all_reduce(tensor, group=self.group)
        return tensor

    def add_up_gradients(self, parameters: "Iterable[Tensor]") -> None:
        """Give ``parameters`` the sum of their gradients on all ranks, in one message.

        Where a rank was stopped before it had one, its gradients count as zeros: all have to send as much.
        """
        if self.group is None:
            return
        import torch

        trained = [parameter for parameter in parameters if parameter.requires_grad]
        flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in trained])
        self.add_up(flat)
        for parameter, part in zip(trained, torch.split(flat, [p.numel() for p in trained]), strict=True):
            parameter.grad = part.view_as(parameter)

    @contextmanager
    def contact(self) -> Iterator[None]:
        """Inside, an error of the connection to the others is `Lost`."""
        try:
            yield
        except RuntimeError as error:
            import torch

            if self.alone or isinstance(error, torch.OutOfMemoryError):
                raise
            raise Lost(_plainly(error)) from error

    def settle(self, call: Callable[[], Value]) -> Value:
        """What ``call`` returns on rank 0, where alone it is called: something that JSON holds.

        Raises:
            GauptError: on all ranks, where ``call`` does.
        """
        return call() if self.alone else self._exchange(call, [0])[0]

    def gather(self, call: Callable[[], Value]) -> list[Value]:
        """What ``call`` returns on each rank, by rank: something that JSON holds.

        Raises:
            GauptError: on all ranks, where ``call`` does on any.
        """
        return [call()] if self.alone else self._exchange(call, range(self.world))

    def each(self, call: Callable[[], Value]) -> Value:
        """What ``call`` returns here, once all ranks have called theirs.

        Raises:
            GauptError: on all ranks, where ``call`` does on any.
        """
        own: list[Value] = []
        self.gather(lambda: own.append(call()))
        return own[0]

    def wait(self) -> None:
        """Wait until all are here."""
        self.gather(lambda: None)

    def _exchange(self, call: Callable[[], Value], speakers: Iterable[int]) -> list[Value]:
        store, speakers, number = self.store, list(speakers), next(self._calls)
        assert store is not None
        own = _answer(call) if self.rank in speakers else None
        with self.contact():
            if own is not None:
                store.set(f"{number}/{self.rank}", json.dumps(own))
            answers = [_wait_for(store, f"{number}/{speaker}") for speaker in speakers]
        errors = {rank: answer for rank, answer in enumerate(answers) if "error" in answer}
        for rank, answer in errors.items():
            # What all run into is nobody's own.
            where = "" if len(errors) == len(answers) else f"rank {rank} on {answer['host']}: "
            raise GauptError(f"{where}{answer['error']}")
        return [answer["value"] for answer in answers]


ALONE = Ranks()


def _plainly(error: Exception) -> str:
    """What went wrong with a connection, without the place in gloo's source and its advice."""
    return re.sub(r"^\[[^\]]*\]\s*", "", str(error)).splitlines()[0].split(". ")[0]


def _answer(call: Callable[[], object]) -> dict[str, object]:
    try:
        return {"value": call()}
    except GauptError as error:
        return {"error": str(error), "host": socket.gethostname()}


def _wait_for(store: "Store", key: str) -> dict[str, Any]:
    """The answer under ``key``, as soon as it is there. Raises `Lost` where a process ended before."""
    looks = 0
    while not store.check([key]):
        if store.check([ENDED]):
            raise Lost("another process of the run ended with an error")
        looks += 1
        time.sleep(PAUSE if looks < 100 else 10 * PAUSE)
    answer: dict[str, Any] = json.loads(store.get(key))
    return answer
