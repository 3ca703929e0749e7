"""Joining the processes that torchrun started, and leaving them: one speaks for all, and all end together.

    torchrun --nproc-per-node 8 -m gaupt pretrain DATA -o RUN

torchrun tells each process its place by environment variables. They settle things through the store that it opens on
the first machine, and add up gradients through NCCL or, on CPUs, gloo.
"""

import contextlib
import faulthandler
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from gaupt.errors import GauptError
from gaupt.training.liveness import signs_of_life
from gaupt.training.ranks import ENDED, Lost, Ranks

if TYPE_CHECKING:
    from torch.distributed import Store  # type: ignore[attr-defined]

LONGEST_WAIT = timedelta(hours=1)
"""For the others, in one message. The dead are known long before by their silence; the living may have much to do."""
LAST_SECONDS = 20
"""Until a process that ends with an error is ended, should a library hold it."""
STOPPED = "stopped"
"""Key of the store that is there once rank 0 has done everything that is to be done before a stop."""


@contextmanager
def joined(device: str = "auto", environment: Mapping[str, str] = os.environ) -> Iterator[Ranks]:
    """This process among those that torchrun started; alone where it started one, or did not start it.

    Inside, only rank 0 prints on stdout. An error is told by the first process that meets one; the others end
    without a word, with its status (SystemExit). Where a process is lost, all of them end so, with status 1.

    Raises:
        GauptError: the environment is not what torchrun sets, or there is no such ``device``.
    """
    world = _number(environment, "WORLD_SIZE", "1")
    if world == 1:
        yield Ranks()
        return
    rank, local_rank, local_world = (
        _number(environment, name) for name in ("RANK", "LOCAL_RANK", "LOCAL_WORLD_SIZE")
    )
    store, pulse = _open_store(environment, hosts=rank == 0), _open_store(environment, hosts=False)
    try:
        with ExitStack() as held:
            if rank:
                nowhere = held.enter_context(open(os.devnull, "w", encoding="utf-8"))
                held.enter_context(contextlib.redirect_stdout(nowhere))
            held.enter_context(signs_of_life(pulse, rank, world, lambda what: os._exit(_tell(pulse, what))))
            ranks = _connect(Ranks(rank, world, local_rank, local_world, store=store), device)
            yield ranks
            ranks.wait()  # so that nobody's leaving is taken for a death
        _leave(store, rank, world)
    except GauptError:
        first = _ends_first(store, 2)
        _wait_for_all(store, rank, world, seconds=1)
        if first:
            raise
        raise SystemExit(2) from None
    except Lost as lost:
        raise SystemExit(_tell(store, str(lost))) from None
    except KeyboardInterrupt:
        _refuse_to_be_ended()
        if rank == 0:
            store.set(STOPPED, "")
            raise
        _until(lambda: store.check([STOPPED]))
        raise SystemExit(130) from None
    except Exception:
        _ends_first(store, 1)
        raise


def device_of(local_rank: int, wanted: str) -> str:
    """The device that the process ``local_rank`` of a machine computes on.

    Raises:
        GauptError: there is none for it, or one is named by its number.
    """
    from gaupt.device import pick_device

    if wanted.startswith("cuda:"):
        raise GauptError(
            f"--device {wanted}: of several processes each takes the GPU of its own number; say cuda, or leave it out"
        )
    kind = pick_device(wanted).type
    return str(pick_device(f"cuda:{local_rank}")) if kind == "cuda" else kind


def _number(environment: Mapping[str, str], name: str, default: str = "") -> int:
    said = environment.get(name, default)
    if not said.isdecimal():
        raise GauptError(
            f"WORLD_SIZE = {environment.get('WORLD_SIZE')} is set and {name} = {said!r} is no number: start with "
            "torchrun, which sets both, or unset WORLD_SIZE"
        )
    return int(said)


def _open_store(environment: Mapping[str, str], hosts: bool) -> "Store":
    """A connection of its own to the store on the first machine; ``hosts``: opened here, where torchrun has none."""
    from torch.distributed import PrefixStore, TCPStore  # type: ignore[attr-defined]

    address, port = environment.get("MASTER_ADDR", ""), _number(environment, "MASTER_PORT")
    hosts = hosts and environment.get("TORCHELASTIC_USE_AGENT_STORE") != "True"
    try:
        store = TCPStore(address, port, is_master=hosts, wait_for_workers=False, multi_tenant=True)
    except RuntimeError as error:
        raise GauptError(
            f"cannot reach the first process at {address}:{port} ({_first_line(error)})"
        ) from None
    # A restart by torchrun begins anew.
    return PrefixStore(f"gaupt/{environment.get('TORCHELASTIC_RESTART_COUNT', '0')}", store)


def _connect(ranks: Ranks, wanted: str) -> Ranks:
    """``ranks`` with its device and the group that adds up."""
    devices = ranks.gather(lambda: device_of(ranks.local_rank, wanted))
    kinds = [device.partition(":")[0] for device in devices]
    if other := next((rank for rank, kind in enumerate(kinds) if kind != kinds[0]), None):
        raise GauptError(
            f"rank 0 would compute on {devices[0]} and rank {other} on {devices[other]}; choose machines of one kind, "
            "or --device cpu"
        )
    import torch
    from torch import distributed

    device = torch.device(devices[ranks.rank])
    if device.type == "cuda":
        torch.cuda.set_device(device)
    distributed.init_process_group(
        "nccl" if device.type == "cuda" else "gloo",
        store=ranks.store,
        rank=ranks.rank,
        world_size=ranks.world,
        timeout=LONGEST_WAIT,
    )
    return replace(ranks, device=device, group=distributed.group.WORLD)


def _leave(store: "Store", rank: int, world: int) -> None:
    from torch import distributed

    distributed.destroy_process_group()
    _wait_for_all(store, rank, world)


def _wait_for_all(store: "Store", rank: int, world: int, seconds: float = 10) -> None:
    """Leave, rank 0 last, which may host the store: torch complains where it is gone."""
    with contextlib.suppress(RuntimeError):
        store.add("left", 1)
    if rank == 0:
        _until(lambda: store.add("left", 0) == world, seconds)


def _tell(store: "Store", what: str) -> int:
    """Say that a process was lost, unless another has told why it ends; returns the status to end with."""
    if _ends_first(store, 1):
        print(
            f"gaupt: error: a process of this run was lost ({what}): it was killed, ran out of memory, or its machine "
            "is down; the same command resumes at the newest checkpoint",
            file=sys.stderr,
            flush=True,
        )
        return 1
    with contextlib.suppress(RuntimeError):
        if store.check([ENDED]):
            return int(store.get(ENDED))
    return 1


def _ends_first(store: "Store", status: int) -> bool:
    """Whether this is the first process that ends with an error: then it tells which, and ``status`` is that of all."""
    _refuse_to_be_ended()
    try:
        if store.add("ends", 1) > 1:
            return False
        store.set(ENDED, str(status))
    except RuntimeError:  # nobody can be asked
        pass
    return True


def _refuse_to_be_ended() -> None:
    """End by ourselves: torchrun sends SIGTERM once any process has ended, perhaps before this one has told why."""
    with contextlib.suppress(ValueError):  # not in the main thread, which is about to be ended
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        # In C, so that it comes even where a call of a GPU library does not return.
        faulthandler.dump_traceback_later(LAST_SECONDS, exit=True, file=sys.__stderr__ or 2)


def _until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until ``condition`` holds, ``seconds`` at most."""
    end = time.monotonic() + seconds
    with contextlib.suppress(RuntimeError):
        while not condition() and time.monotonic() < end:
            time.sleep(0.02)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
