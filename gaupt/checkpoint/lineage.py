"""Where a model came from, as its checkpoints, summaries and model cards tell it: by name, and never by place."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gaupt.checkpoint.format import Checkpoint
from gaupt.checkpoint.run_folder import run_of

FROM = "from"
"""The fact of a checkpoint that says which model its run went on from."""
LENGTHENED = "lengthened"
"""The fact that says at which steps its run had ended before it was lengthened."""
_SOURCE = "source"
"""The fact that says which public checkpoint was imported."""


def lineage(path: Path, checkpoint: Checkpoint | None, fingerprint: str) -> dict[str, Any]:
    """What the checkpoints of a run say of the model that it goes on from: MODEL at ``path``, whose weights have the
    ``fingerprint``, and which is ``checkpoint`` (None: an exported folder). Its own lineage goes along."""
    facts: dict[str, Any] = {"name": path.resolve().name, "weights": fingerprint}
    if checkpoint is None:
        return facts
    if checkpoint.step:
        facts |= {"name": run_of(checkpoint.folder.resolve()).name, "step": checkpoint.step}
    return facts | {key: checkpoint.facts[key] for key in (_SOURCE, FROM) if key in checkpoint.facts}


def told(facts: Mapping[str, Any]) -> str:
    """A lineage in a few words, such as ``base at step 20,000, from chinese_GAU-alpha``."""
    step = f" at step {facts['step']:,}" if "step" in facts else ""
    before = facts.get(FROM) or ({"name": facts[_SOURCE]} if _SOURCE in facts else None)
    return f"{facts['name']}{step}" + (f", from {told(before)}" if before else "")
