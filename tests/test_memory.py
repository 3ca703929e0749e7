"""Memory: what is free within every limit, and what a call takes at most."""

import mmap
import resource
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import torch

from gaupt import memory
from gaupt.memory import available_memory, highest_memory, memory_in_use, peak_memory

CPU = torch.device("cpu")
MB = 1 << 20


def test_what_is_free_is_what_the_system_says_where_nothing_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_CGROUPS", Path("/nowhere"))
    monkeypatch.setattr(resource, "getrlimit", lambda which: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert available_memory(CPU) == pytest.approx(psutil.virtual_memory().available, rel=0.1)


@pytest.mark.slow
def test_ulimit_limits(tmp_path: Path) -> None:
    code = (
        "import resource, torch; from gaupt.memory import available_memory as free\n"
        "import psutil; taken = psutil.Process().memory_info().vms\n"
        f"resource.setrlimit(resource.RLIMIT_AS, (taken + {300 * MB}, -1))\n"
        "print(free(torch.device('cpu')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 250 * MB < int(done.stdout) <= 300 * MB


@pytest.mark.parametrize(
    ("version", "line", "files"),
    [
        (2, "0::/docker/me", ("memory.max", "memory.current", "inactive_file")),
        (
            1,
            "4:cpu,memory:/docker/me",
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        ),
    ],
)
@pytest.mark.parametrize("place", ["docker/me", "docker", "."])
def test_a_container_limits_as_its_parents_do(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    version: int,
    line: str,
    files: tuple[str, str, str],
    place: str,
) -> None:
    root = tmp_path / "memory" if version == 1 else tmp_path
    folder = root / place
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in zip(files[:2], ("900", "500"), strict=True):
        (folder / name).write_text(text)
    (folder / "memory.stat").write_text(f"anon 5\n{files[2]} 100\n")
    groups = tmp_path / "cgroup"
    groups.write_text(f"9:name=systemd:/\n{line}\n")
    monkeypatch.setattr(memory, "_CGROUPS", tmp_path)
    monkeypatch.setattr(memory, "_OWN_CGROUPS", groups)
    assert available_memory(CPU) == 900 - 500 + 100  # files that are only cached can go
    (folder / files[0]).write_text("max")
    assert available_memory(CPU) > 10 * MB


@pytest.mark.slow
def test_the_peak_of_a_call_counts_what_it_gave_back() -> None:
    def call() -> None:
        # Mapped for itself: numpy's would come out of memory that other tests have freed.
        with mmap.mmap(-1, 200 * MB) as pages:
            pages.write(bytes(200 * MB))

    before = memory_in_use(CPU)
    peak = peak_memory(call, CPU)
    assert peak - before > 150 * MB
    assert memory_in_use(CPU) - before < 250 * MB
    assert highest_memory(CPU) >= peak  # and is remembered
