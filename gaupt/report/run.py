"""What a report tells of a run, read from its folder once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

from gaupt.checkpoint.run_folder import SUMMARY, Warn, read_metrics, read_speed, read_spikes, read_summary
from gaupt.config import read_config
from gaupt.errors import GauptError
from gaupt.report.chart import Series
from gaupt.stage import CONFIG

OF_SOURCE = "eval_loss/"
"""How the validation losses by source are called."""


@dataclass(frozen=True)
class Run:
    """The files of a run; what is damaged in them is left out and named."""

    name: str
    records: Sequence[Mapping[str, Any]]
    """Lines of metrics.jsonl."""
    speed: Sequence[Mapping[str, Any]]
    """Lines of speed.jsonl."""
    spikes: Sequence[Mapping[str, Any]]
    summary: Mapping[str, Any]
    """The closing figures of a complete run, otherwise empty."""
    config: str
    """config.toml, or why it cannot be read."""
    settings: Mapping[str, Any]
    """The same, by ``section.key``."""
    left_out: Sequence[str]
    """What is damaged, a line each."""

    def series(self, key: str, name: str = "", *, dashed: bool = False, color: int | None = None) -> Series:
        """A line of a chart: the steps that have ``key`` in their metrics or their speed."""
        # A run of an older gaupt has its speed among its metrics.
        found = sorted(
            (record for record in (*self.records, *self.speed) if key in record), key=itemgetter("step")
        )
        return Series(name, [each["step"] for each in found], [each[key] for each in found], dashed, color)

    @property
    def losses(self) -> Mapping[str, Any] | None:
        """The last line of metrics with a validation loss, and with those by source."""
        return next((record for record in reversed(self.records) if "eval_loss" in record), None)

    @property
    def gain(self) -> float | None:
        """Nats by which the validation loss is below the unigram entropy; None where one of them is not known."""
        losses = self.losses
        return (
            float(self.summary["unigram_entropy"] - losses["eval_loss"]) if losses and self.summary else None
        )

    @property
    def last_step(self) -> int:
        """The last step that anything is known of."""
        return max((record["step"] for record in self.records), default=0)


def read_run(folder: Path, name: str) -> Run:
    """Read the run in ``folder``, which the page calls ``name``."""
    left_out = list[str]()
    try:
        config = (folder / CONFIG).read_text(encoding="utf-8")
        settings = _flat(read_config(folder / CONFIG).model_dump(mode="json"))
    except (OSError, ValueError, GauptError) as error:
        config, settings = f"{folder / CONFIG} cannot be read: {error}", {}
    return Run(
        name,
        read_metrics(folder, left_out.append),
        read_speed(folder, left_out.append),
        read_spikes(folder, left_out.append),
        _summary(folder, left_out.append),
        config,
        settings,
        left_out,
    )


def _summary(run: Path, warn: Warn) -> Mapping[str, Any]:
    """The closing figures of a complete run, if it is one; none where they are damaged, or of another kind."""
    summary = read_summary(run, warn)
    if summary and "unigram_entropy" not in summary:
        warn(f"{run / SUMMARY} is damaged and left out")
        return {}
    return summary


def _flat(values: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Options by ``section.key``."""
    found = dict[str, Any]()
    for key, value in values.items():
        found |= (
            _flat(value, f"{above}{key}.")
            if isinstance(value, Mapping) and value
            else {f"{above}{key}": value}
        )
    return found
