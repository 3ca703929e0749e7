"""Several processes that train together, started as torchrun starts them."""

import os
import socket
import subprocess
import sys
from pathlib import Path

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
