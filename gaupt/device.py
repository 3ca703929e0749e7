"""Which device and number format to compute in."""

import ctypes
import platform
import re
import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from gaupt.errors import GauptError

FIXED_TORCH = "2.7.1"
"""torch.__version__ compares with it as a version, not as a string."""

TIMED_SECONDS, MOST_CALLS = 1.0, 15
"""How long a call is timed, again and again, where it takes less; other programs make single ones uneven."""

# Parameters of mallopt(3), from glibc's malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_MMAP_MAX = -1, -3, -4


@dataclass(frozen=True)
class Machine:
    """Where and in which number format the model computes."""

    device: torch.device
    precision: torch.dtype

    @property
    def name(self) -> str:
        """What people call it."""
        return "GPU" if self.device.type == "cuda" else "CPU"


def hardware(device: torch.device) -> str:
    """What a GPU is sold as, or the processor, where the system tells; else what kind of processor it is."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    try:
        models = re.findall(
            r"^model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.M
        )
    except (OSError, ValueError):
        models = []
    return models[0].strip() if models else platform.processor() or platform.machine()


def keep_freed_memory() -> None:
    """Have glibc keep large freed blocks for the next tensor; a no-op without glibc. Call before training on a CPU.

    By default each activation is mapped and unmapped, and page faults take a good part of every step.
    """
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return
    mallopt(_M_MMAP_THRESHOLD, 2**31 - 1)
    mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)
    mallopt(_M_MMAP_MAX, 0)


def seed_draws(seed: int, device: torch.device) -> None:
    """What `torch.manual_seed` does, for one device: of each that there might be, that one notes who asked, which takes
    some tenths of a millisecond.
    """
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed_all(seed)


def pick_device(wanted: str = "auto") -> torch.device:
    """The device called ``wanted`` (cpu, cuda, cuda:1); auto: the first CUDA device where there is one, else the CPU.

    Raises:
        GauptError: there is no such device; the message says why.
    """
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    kind, _, number = wanted.partition(":")
    if kind not in ("cpu", "cuda") or not (wanted == kind or number.isdecimal()):
        raise GauptError(f"--device {wanted}: choose auto, cpu, cuda or one of several such as cuda:1")
    if kind == "cpu":
        return torch.device("cpu")
    count = torch.cuda.device_count()
    if not count:
        raise GauptError(f"--device {wanted}: {_no_gpu()}; choose auto or cpu")
    if int(number or 0) >= count:
        raise GauptError(f"--device {wanted}: this machine has cuda:0 to cuda:{count - 1}")
    return torch.device(wanted)


def _no_gpu() -> str:
    """Why no GPU is used."""
    if torch.version.cuda is None:
        return "this torch is built for CPUs alone"
    return "torch sees no GPU of NVIDIA's"


def describe_machine(machine: Machine, wanted: str = "auto") -> str:
    """In a few words where and how the model computes, and why there."""
    native = "" if machine.precision == torch.float32 else ", which it computes natively"
    precision = f"{str(machine.precision).removeprefix('torch.')}{native}"
    if machine.device.type == "cuda":
        name = torch.cuda.get_device_name(machine.device)
        return f"{machine.device} ({name}), {precision}"
    why = "as --device says" if wanted != "auto" else _no_gpu()
    return f"cpu with {torch.get_num_threads()} threads, {precision} ({why})"


def timed(call: Callable[[], object], device: torch.device) -> float:
    """How many seconds one call takes, with all that it started on ``device``."""
    synchronize(device)
    start = time.perf_counter()
    call()
    synchronize(device)
    return time.perf_counter() - start


def steady_seconds(call: Callable[[], object], device: torch.device, calls: int | None = None) -> float:
    """Seconds of one call, the median of ``calls``, or of some; the first is left out, which also fetches memory and
    picks kernels."""
    call()
    taken = [timed(call, device) for _ in range(calls or 2)]
    while not calls and sum(taken) < TIMED_SECONDS and len(taken) < MOST_CALLS:
        taken.append(timed(call, device))
    return statistics.median(taken)


def to_device(array: np.ndarray, device: torch.device) -> torch.Tensor:
    """``array`` as a tensor on ``device``, which nothing waits for."""
    tensor = torch.from_numpy(array)
    if device.type == "cuda":
        # From pinned memory the copy runs beside the computation; from any other the host waits for it.
        tensor = tensor.pin_memory()
    return tensor.to(device, non_blocking=True)


def synchronize(device: torch.device) -> None:
    """Wait for what was started on ``device``."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def pick_precision(device: torch.device, wanted: Literal["auto", "float32", "bfloat16"]) -> torch.dtype:
    """bfloat16 where the device multiplies it natively (Ampere and later; CPUs with AMX), else float32."""
    if wanted != "auto":
        return torch.bfloat16 if wanted == "bfloat16" else torch.float32
    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        native = torch.cpu._is_amx_tile_supported()
    return torch.bfloat16 if native else torch.float32


def check_compile(device: torch.device) -> None:
    """Refuse torch.compile where it computes wrong gradients.

    Raises:
        GauptError: a CPU with torch before 2.7.1, whose compiled embedding adds up the gradients of a token that
            occurs several times wrongly (measured of 2.6.0; those of 2.7.1 are right).
    """
    if device.type == "cpu" and torch.__version__ < FIXED_TORCH:
        raise GauptError(
            f"train.compile: torch {torch.__version__} compiles wrong gradients on a CPU; "
            f"install torch {FIXED_TORCH} or later, or leave train.compile out"
        )


def autocast(device: torch.device, precision: torch.dtype) -> AbstractContextManager[object]:
    """Autocast to ``precision``; nothing for float32."""
    if precision == torch.float32:
        return nullcontext()
    return torch.autocast(device.type, dtype=precision)
