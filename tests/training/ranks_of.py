"""Several ranks: processes started as torchrun starts them, or threads that play them."""

import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from torch import distributed

from gaupt.training.ranks import Ranks
from tests.processes import Program, start


def start_ranks(world: int, *command: str) -> list[Program]:
    """Start ``python COMMAND`` as each of ``world`` ranks of one machine, of which rank 0 opens the store."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    size = str(world)
    place = {
        "WORLD_SIZE": size,
        "LOCAL_WORLD_SIZE": size,
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
    }
    return [start(*command, **place, RANK=str(rank), LOCAL_RANK=str(rank)) for rank in range(world)]


def together(world: int, act: Callable[[Ranks], Any], grouped: bool = False) -> list[Any]:
    """What ``act`` returns on each of ``world`` ranks, or the exception that it ends with."""
    store, ends = distributed.HashStore(), [None] * world

    def play(rank: int) -> None:
        group = None
        if grouped:
            group = distributed.ProcessGroupGloo(
                distributed.PrefixStore("group", store), rank, world, timedelta(seconds=30)
            )
        try:
            ends[rank] = act(Ranks(rank, world, rank, world, store=store, group=group))
        except Exception as error:
            ends[rank] = error

    threads = [threading.Thread(target=play, args=(rank,)) for rank in range(world)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return ends
