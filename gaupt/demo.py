"""The whole chain on the bundled sample: what `gaupt demo` runs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gaupt import preparation
from gaupt.config import Config, load_config
from gaupt.errors import GauptError
from gaupt.evaluation.fill import fill_masks, format_filled
from gaupt.exporting import hf
from gaupt.files import AnyPath
from gaupt.progress import Progress
from gaupt.report.page import write_report
from gaupt.stage import Plan
from gaupt.training import pretrain as pretraining

PRESET = "demo"
EXAMPLES = (
    "外婆把锅盖掀开，满屋子都是饭[MASK]香味。",
    "他在这[MASK]住了三十年。",
    "雨下了一夜，河水涨[MASK]很快。",
)


def sample_documents() -> Path:
    """Folder of the sample's raw files: in the installed package, or in ``data/`` of a clone.

    Raises:
        GauptError: the installation lacks the sample.
    """
    package = Path(__file__).parent
    for folder in (package / "sample", package.parent / "data"):
        if (folder / "documents").is_dir():
            return folder / "documents"
    raise GauptError(f"the bundled sample is missing from {package}; install gaupt again")


def plan(output: AnyPath, config: Config | None = None, *, overwrite: bool = False) -> Plan:
    """What `run_demo` would do. Writes nothing."""
    output, config = Path(output), config or load_config(PRESET)
    prepared = preparation.plan([sample_documents()], output / "prepared", config, overwrite=overwrite)
    steps = f"{config.train.steps:,} steps of {config.train.batch_tokens:,} tokens"
    paths = {"run": f"{output / 'run'}: {steps}"} | {
        name: str(output / path) for name, path in (("export", "export"), ("report", "report.html"))
    }
    return Plan(config, {**prepared.facts, **paths})


def run_demo(
    output: AnyPath,
    config: Config | None = None,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Prepare, pretrain, export, fill and report in ``output``; a second call continues or does nothing.

    Returns a summary, the paths written, and the predictions for `EXAMPLES`.
    """
    output, config, progress = Path(output), config or load_config(PRESET), progress or Progress(quiet=True)
    common: dict[str, Any] = {"progress": progress, "overwrite": overwrite}
    prepared, run, exported = (output / name for name in ("prepared", "run", "export"))
    report = output / "report.html"
    progress.message("1/4 preparing the sample: clean, tokenizer, shards")
    figures = preparation.prepare([sample_documents()], prepared, config, workers=workers, **common)
    progress.message(f"2/4 pretraining for {config.train.steps} steps")
    summary = pretraining.pretrain(prepared, run, config, workers=workers, **common)
    progress.message("3/4 exporting for transformers")
    hf.export(run, exported, config, **common)
    progress.message("4/4 filling masks and writing the report")
    predictions = fill_masks(exported, EXAMPLES, top=5, progress=progress)
    write_report([prepared, run], report, predictions)
    return {
        "summary": f"{preparation.summary(figures, prepared)}\n{pretraining.describe(summary, run)}",
        "predictions": predictions,
        "paths": {
            name: str(path)
            for name, path in (("prepared", prepared), ("run", run), ("export", exported), ("report", report))
        },
    }


def describe(result: Mapping[str, Any], output: AnyPath) -> str:
    """A summary for people, the predictions, and what is where in ``output``."""
    paths = [f"{name + ':':10} {path}" for name, path in result["paths"].items()]
    return "\n".join([result["summary"], format_filled(result["predictions"]), *paths])
