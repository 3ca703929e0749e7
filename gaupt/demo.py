"""The whole chain on the bundled sample: what `gaupt demo` runs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gaupt import preparation
from gaupt.config import Config, load_config
from gaupt.errors import GauptError
from gaupt.evaluation import evaluate as evaluating
from gaupt.evaluation.fill import fill_masks, format_filled
from gaupt.evaluation.work import EvaluateOptions
from gaupt.exporting import hf
from gaupt.files import AnyPath, check_place
from gaupt.folders import check_whole
from gaupt.progress import Progress
from gaupt.report.page import write_report
from gaupt.stage import Plan
from gaupt.training import pretrain as pretraining

PRESET = "demo"
EXAMPLES = (
    "外婆把锅盖掀开，满屋子都是饭[MASK]香味。",
    "我不知道他什么时候回来[MASK]？",
    "雨下了一夜，河水涨[MASK]很快。",
)


def sample_documents() -> Path:
    """Folder of the sample's raw files: in the installed package, or in ``data/`` of a clone.

    Raises:
        GauptError: the installation lacks the sample.
    """
    return _sample() / "documents"


def sample_task() -> Path:
    """The sample's labelled task: the topic of a sentence. Raises as `sample_documents`."""
    return _sample() / "tasks" / "topics.toml"


def plan(output: AnyPath, config: Config | None = None, *, overwrite: bool = False) -> Plan:
    """What `run_demo` would do. Writes nothing."""
    output, config = Path(output), config or load_config(PRESET)
    check_whole(output, "demo")
    prepared = preparation.plan([sample_documents()], output / "prepared", config, overwrite=overwrite).facts
    preparing = {"preparing" if name == "time" else name: fact for name, fact in prepared.items()}
    steps = f"{config.train.steps:,} steps of {config.train.batch_tokens:,} tokens"
    names = {"export": "export", "scores": "scores", "report": "report.html"}
    paths = {"run": f"{output / 'run'}: {steps}"} | {name: str(output / path) for name, path in names.items()}
    return Plan(config, {**preparing, **paths})


def run_demo(
    output: AnyPath,
    config: Config | None = None,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Prepare, pretrain, export, probe, fill and report in ``output``; a second call continues or does nothing.

    ``export.language`` is that of the report and of the model card.

    Returns a summary, the paths written, the verdict of the probe, and the predictions for `EXAMPLES`.
    """
    output, config, progress = Path(output), config or load_config(PRESET), progress or Progress(quiet=True)
    common: dict[str, Any] = {"progress": progress, "overwrite": overwrite}
    prepared, run, exported, scores = (output / name for name in ("prepared", "run", "export", "scores"))
    report = output / "report.html"
    check_place(output)
    check_whole(output, "demo")
    progress.message("1/5 preparing the sample: clean, tokenizer, shards")
    figures = preparation.prepare([sample_documents()], prepared, config, workers=workers, **common)
    progress.message(f"2/5 pretraining for {config.train.steps} steps")
    summary = pretraining.pretrain(prepared, run, config, workers=workers, **common)
    progress.message("3/5 exporting for transformers")
    hf.export(run, exported, config, **common)
    progress.message("4/5 probing: does it know more than random weights?")
    task = sample_task()
    probed = evaluating.evaluate(
        [run], [str(task)], task.parent, scores, config, EvaluateOptions(probe=True), **common
    )
    progress.message("5/5 filling masks and writing the report")
    wanted = config.export.language
    predictions = fill_masks(exported, EXAMPLES, top=5, progress=progress)
    write_report([output], report, predictions, None if wanted == "auto" else wanted)
    return {
        "summary": f"{preparation.summary(figures, prepared)}\n{pretraining.describe(summary, run)}",
        "verdict": verdict(probed),
        "predictions": predictions,
        "paths": {
            name: str(path)
            for name, path in (
                ("prepared", prepared),
                ("run", run),
                ("export", exported),
                ("scores", scores),
                ("report", report),
            )
        },
    }


def verdict(probed: Mapping[str, Any]) -> str:
    """In one line what a probe of one model on one task says."""
    mean = {row["model"]: row["mean"] for row in probed["scores"]}
    model = probed["models"][0]["name"]
    random = f"{model} (random)"
    row = next(row for row in probed["comparisons"] if row["model"] == random)
    # The table has random weights less the model.
    gain, low, high = -row["difference"], -row["high"], -row["low"]
    told = "better than" if low > 0 else "worse than" if high < 0 else "not to be told from"
    return (
        f"verdict:   {told} random weights: {mean[model]:.1f}% against {mean[random]:.1f}% of "
        f"{probed['tasks'][0]['scored_rows']} sentences' topics ({gain:+.1f}, 95% from {low:+.1f} to {high:+.1f}); "
        f"character n-grams {mean['TF-IDF']:.1f}%, the commonest topic {mean['majority']:.1f}%"
    )


def describe(result: Mapping[str, Any], output: AnyPath) -> str:
    """A summary for people, the predictions, and what is where in ``output``."""
    paths = [f"{name + ':':10} {path}" for name, path in result["paths"].items()]
    return "\n".join([result["summary"], result["verdict"], format_filled(result["predictions"]), *paths])


def _sample() -> Path:
    package = Path(__file__).parent
    for folder in (package / "sample", package.parent / "data"):
        if (folder / "documents").is_dir():
            return folder
    raise GauptError(f"the bundled sample is missing from {package}; install gaupt again")
