import fcntl
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

PARENT = """
    import fcntl, sys, time
    from gaupt.workers import worker_pool

    def hold(path):
        global held
        held = open(path, "w")
        fcntl.flock(held, fcntl.LOCK_EX)

    def work(path):
        open(path, "w").close()
        time.sleep(600)

    if __name__ == "__main__":
        with worker_pool(1, hold, (sys.argv[1],)) as pool:
            pool.submit(work, sys.argv[2]).result()
"""


def is_held(path: Path) -> bool:
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@pytest.mark.slow
def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    """Else they would go on writing into a folder that the same command continues."""
    script, held, working = tmp_path / "parent.py", tmp_path / "held", tmp_path / "working"
    script.write_text(textwrap.dedent(PARENT))
    parent = subprocess.Popen([sys.executable, script, held, working])
    while not working.exists():
        assert parent.poll() is None
        time.sleep(0.01)
    assert is_held(held)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 30
    while is_held(held) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_held(held)
