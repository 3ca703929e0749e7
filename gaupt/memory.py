"""How much memory there is, and how much a call takes at most."""

import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

import psutil
import torch

_CGROUPS, _OWN_CGROUPS = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


def available_memory(device: torch.device) -> int:
    """Bytes that this process may still take on ``device``: free ones, within what a container or ulimit allows."""
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        cached = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int(free + cached)
    limits = [psutil.virtual_memory().available, *_left_in_cgroups()]
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft != resource.RLIM_INFINITY:
        limits.append(soft - psutil.Process().memory_info().vms)
    return max(0, min(limits))


def memory_in_use(device: torch.device) -> int:
    """Bytes that this process takes on ``device``."""
    if device.type == "cuda":
        return torch.cuda.memory_allocated(device)
    return psutil.Process().memory_info().rss


def peak_memory(call: Callable[[], object], device: torch.device) -> int:
    """Bytes that this process takes on ``device`` at most while ``call`` runs."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    else:
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    call()
    return highest_memory(device)


def highest_memory(device: torch.device) -> int:
    """The most bytes that this process took on ``device`` so far, or since `peak_memory` last began."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    try:
        status = Path("/proc/self/status").read_text()
        return 1024 * int(status.split("VmHWM:")[1].split()[0])
    except (OSError, IndexError):  # not on Linux: the peak since the process began
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _left_in_cgroups() -> Iterator[int]:
    """Bytes left in each control group that this process stands in: Docker, Kubernetes and SLURM set them."""
    try:
        lines = _OWN_CGROUPS.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, name = line.split(":", 2)
        if controllers == "":
            root, limit, used, cache = _CGROUPS, "memory.max", "memory.current", "inactive_file"
        elif "memory" in controllers.split(","):
            root = _CGROUPS / "memory"
            limit, used, cache = "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
        else:
            continue
        path = PurePosixPath(name.lstrip("/"))
        for folder in (root / path, *(root / parent for parent in path.parents)):
            # Not a number: "max"; no such file: inside a container, whose group is the root that it sees.
            with suppress(OSError, ValueError):
                most = int((folder / limit).read_text())
                taken = int((folder / used).read_text())
                facts = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
                yield most - taken + int(facts.get(cache, 0))
