"""Layers of a config, one over the other: what holds in the end, and who said it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Path = tuple[str, ...]
"""The parts of a dotted key."""


@dataclass(frozen=True, eq=False)
class Layer:
    """What one place says."""

    kind: Literal["preset", "file", "option"]
    """option: a ``--set`` or another option of the command line, whose name shows its key and its value."""
    name: str
    """As a message calls it: ``preset base``, ``my.toml``, ``--set train.lr=1``."""
    values: Mapping[str, Any]

    def place(self, path: Path) -> str:
        """Where it says something of ``path``: ``my.toml: [train] lr``, or an option's name."""
        if self.kind == "option":
            return self.name
        section = f"[{'.'.join(path[:-1])}] " if path[:-1] else ""
        return f"{self.name}: {section}{path[-1]}"


Origins = dict[Path, Layer]
"""The layer that each value comes from; of a table, the last that said anything of it."""


def merge(layers: Iterable[Layer]) -> tuple[dict[str, Any], Origins]:
    """The values of all layers, the later over the earlier, and their origins."""
    values: dict[str, Any] = {}
    origins: Origins = {}
    for layer in layers:
        _lay_bare(values, origins, layer.values)
        _put(values, origins, layer, layer.values, ())
    return values, origins


def _lay_bare(values: dict[str, Any], origins: Origins, update: Mapping[str, Any]) -> None:
    """Let what a layer says of all tasks beat what those before it said of one."""
    evaluate, said = values.get("evaluate"), update.get("evaluate")
    special = evaluate.get("tasks") if isinstance(evaluate, dict) else None
    if not isinstance(special, dict) or not isinstance(said, Mapping):
        return
    for name, task in special.items():
        for key in said if isinstance(task, dict) else ():
            task.pop(key, None)
            origins.pop(("evaluate", "tasks", name, key), None)


def _put(
    values: dict[str, Any], origins: Origins, layer: Layer, update: Mapping[str, Any], above: Path
) -> None:
    for key, value in update.items():
        path = (*above, key)
        if not isinstance(value, Mapping) or not isinstance(values.get(key), dict):
            for beneath in [known for known in origins if known[: len(path)] == path]:
                del origins[beneath]
            values[key] = {} if isinstance(value, Mapping) else value
        origins[path] = layer
        if isinstance(value, Mapping):
            _put(values[key], origins, layer, value, path)
