"""Times and machines in the words of the reader's language."""

from collections.abc import Mapping
from typing import Any

from gaupt.language import Wording
from gaupt.quantities import duration


def spent(seconds: float, say: Wording) -> str:
    """A time: ``12 minutes``, ``12 分钟``."""
    count, unit = duration(seconds).split(" ")
    return f"{count} {say.term(unit)}"


def machine(summary: Mapping[str, Any], say: Wording) -> str:
    """Where a run was trained, as far as its closing figures tell; empty where they do not."""
    device, threads, processes = (
        str(summary.get("device", "")),
        summary.get("threads"),
        summary.get("processes", 1),
    )
    parts = [
        say("{count} processes", count=processes) if processes > 1 else "",
        str(summary.get("device_name", device)),
        say("{count} threads", count=threads) if threads and device.startswith("cpu") else "",
        str(summary.get("precision", "")),
    ]
    return ", ".join(filter(None, parts))
