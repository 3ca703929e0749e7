"""Times and sizes in words."""


def duration(seconds: float) -> str:
    """A time for people, two digits of it: ``40 seconds``, ``12 minutes``, ``3.5 days``."""
    for unit, size in (("second", 1.0), ("minute", 60.0), ("hour", 3600.0), ("day", 86400.0)):
        count = seconds / size
        if unit == "day" or round(count) < {"second": 90, "minute": 90, "hour": 36}[unit]:
            break
    shown = (
        f"{count:.1f}".removesuffix(".0") if 0.95 <= count < 9.95 and unit != "second" else f"{count:,.0f}"
    )
    return f"{shown} {unit}{'' if shown == '1' else 's'}"


def megabytes(size: float) -> str:
    """A size in bytes for people: ``0.3 MB``, ``42 MB``, ``1.5 GB``."""
    if size >= 999.5e6:
        return f"{size / 1e9:,.1f} GB"
    return f"{size / 1e6:.0f} MB" if size >= 9.95e6 else f"{size / 1e6:.1f} MB"
