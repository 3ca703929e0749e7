"""The whole chain on the bundled sample: what `gaupt demo` runs."""

from pathlib import Path
from typing import Any

from gaupt.config import Config
from gaupt.evaluation.fill import fill_masks
from gaupt.export.hf import export_hf
from gaupt.preparation import describe, preparation_plan, prepare
from gaupt.progress import Progress
from gaupt.report.page import write_report
from gaupt.sample import sample_documents
from gaupt.training.loop import describe_run, pretrain

EXAMPLES = (
    "外婆把锅盖掀开，满屋子都是饭[MASK]香味。",
    "他在这[MASK]住了三十年。",
    "雨下了一夜，河水涨[MASK]很快。",
)


def demo_plan(output: Path, config: Config, overwrite: bool) -> dict[str, Any]:
    """What `run_demo` would do. Writes nothing."""
    prepared = preparation_plan([sample_documents()], output / "prepared", config, overwrite)
    return prepared | {
        "run": f"{output / 'run'}: {config.train.steps:,} steps of {config.train.batch_tokens:,} tokens",
        "export": str(output / "export"),
        "report": str(output / "report.html"),
    }


def run_demo(
    output: Path, config: Config, *, workers: int | None, progress: Progress, overwrite: bool = False
) -> dict[str, Any]:
    """Prepare, pretrain, export, fill and report in ``output``; a second call continues or does nothing.

    Returns a summary, the paths written, and the predictions for `EXAMPLES`.
    """
    common: dict[str, Any] = {"workers": workers, "progress": progress, "overwrite": overwrite}
    paths = {name: output / name for name in ("prepared", "run", "export")} | {
        "report": output / "report.html"
    }
    progress.message("1/4 preparing the sample: clean, tokenizer, shards")
    prepared = prepare([sample_documents()], paths["prepared"], config, **common)
    progress.message(f"2/4 pretraining for {config.train.steps} steps")
    summary = pretrain(paths["prepared"], paths["run"], config, **common)
    progress.message("3/4 exporting for transformers")
    export_hf(paths["run"], paths["export"], progress=progress, overwrite=overwrite)
    progress.message("4/4 filling masks and writing the report")
    predictions = fill_masks(paths["export"], EXAMPLES, top=5, progress=progress)
    write_report([paths["prepared"], paths["run"]], paths["report"], predictions)
    return {
        "summary": f"{describe(prepared, paths['prepared'])}\n{describe_run(summary, paths['run'])}",
        "predictions": predictions,
        "paths": {name: str(path) for name, path in paths.items()},
    }
