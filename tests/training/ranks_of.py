"""Several ranks: processes started as torchrun starts them, or threads that play them."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from torch import distributed

from gaupt.training.ranks import Ranks

ROOT = Path(__file__).resolve().parents[2]


def start(world: int, *command: str) -> list["subprocess.Popen[str]"]:
    """Start ``python COMMAND`` as each of ``world`` ranks of one machine, of which rank 0 opens the store."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place = {"WORLD_SIZE": world, "LOCAL_WORLD_SIZE": world, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    return [
        subprocess.Popen(
            [sys.executable, *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            cwd=ROOT,
            env=os.environ
            | {name: str(value) for name, value in {**place, "RANK": rank, "LOCAL_RANK": rank}.items()},
        )
        for rank in range(world)
    ]


def finish(processes: list["subprocess.Popen[str]"], seconds: float = 120) -> list[tuple[int, str, str]]:
    """Status, stdout and stderr of each."""
    ends = []
    for process in processes:
        out, err = process.communicate(timeout=seconds)
        ends.append((process.returncode, out, err))
    return ends


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
