"""The evaluation stage: models and tasks to scores, by fine-tuning, by a probe, or on held-out text.

Every (model, task, seed) that has ended is a file of its own, so that an interrupted evaluation goes on with the next.
"""

import platform
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from gaupt import __version__
from gaupt.config import Config
from gaupt.device import Machine, describe_machine, keep_freed_memory, pick_device, pick_precision
from gaupt.evaluation.anchors import MAJORITY, NGRAMS, majority
from gaupt.evaluation.data import TaskData
from gaupt.evaluation.encoders import Encoder
from gaupt.evaluation.estimate import finetuning_seconds
from gaupt.evaluation.finetune import Judged, finetune, predict
from gaupt.evaluation.format import ERRORS, SAVED, SUBMISSION, TABLE, read_results, write_results
from gaupt.evaluation.hidden_text import hide, read_texts, score_text
from gaupt.evaluation.live import UNITS_OF_A_RUN, show_board
from gaupt.evaluation.predictions import submission_text
from gaupt.evaluation.probe.probe import DRAWN_SHARE, probe_encoder, probe_ngrams
from gaupt.evaluation.probe.states import freeze
from gaupt.evaluation.published import PUBLISHED
from gaupt.evaluation.records import Run, errors_lines, file_name, has_ended, read_record, write_record
from gaupt.evaluation.results import (
    averages,
    compare,
    format_results,
    published_averages,
    summarize_scores,
)
from gaupt.evaluation.save import save_network
from gaupt.evaluation.submission import test_files, write_submission
from gaupt.evaluation.work import EvaluateOptions, Protocol, Work, look
from gaupt.files import AnyPath, named_files, write_bytes
from gaupt.progress import Progress
from gaupt.quantities import duration
from gaupt.stage import Plan, State, check_inputs, inspect, open_stage, write_config


def plan(
    models: Sequence[AnyPath],
    tasks: Sequence[str],
    data: AnyPath,
    output: AnyPath,
    config: Config | None = None,
    options: EvaluateOptions | None = None,
    *,
    device: str = "auto",
    overwrite: bool = False,
) -> Plan:
    """What `evaluate` would do. Writes nothing. Raises as `evaluate`."""
    config, options = config or Config(), options or EvaluateOptions()
    machine = _machine(device, config)
    work = look(models, tasks, Path(data), Path(output), config, options, Progress(quiet=True))
    state = inspect(work.stage, overwrite)
    facts: dict[str, Any] = {
        "output": f"{output} ({state.value})",
        "device": describe_machine(machine, device),
        "protocol": work.protocol,
        "models": ", ".join(encoder.name for encoder in work.encoders),
        "runs": len(work.runs),
    }
    for each in work.tasks:
        facts[each.task.name] = (
            f"{len(each.train):,} train, {len(each.dev):,} dev, scored on {len(each.scored):,} of {each.scored_on}"
        )
    if work.protocol != "finetune" or state is State.COMPLETE:
        return Plan(config, facts)
    seconds = finetuning_seconds(work, Path(output), config.evaluate, machine)
    facts["time"] = f"about {duration(seconds)} on this {machine.name}"
    return Plan(config, facts, {"seconds": seconds})


def evaluate(
    models: Sequence[AnyPath],
    tasks: Sequence[str],
    data: AnyPath,
    output: AnyPath,
    config: Config | None = None,
    options: EvaluateOptions | None = None,
    *,
    device: str = "auto",
    progress: Progress | None = None,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Score ``models`` (runs, checkpoints, exported folders, encoder folders of transformers) on ``tasks``.

    ``tasks`` are names of CLUE and FewCLUE, groups such as ``clue9``, or TOML files of own tasks, whose files are
    looked for under the folder ``data``; or ``["mlm"]``, for which ``data`` is a file of held-out text. Returns what
    ``output`` holds as ``results.json``.

    Raises:
        GauptError: a model, a task or a file is missing or wrong, or training diverged.
        KeyboardInterrupt: interrupted; what has ended is kept, and the same call goes on.
    """
    config, options = config or Config(), options or EvaluateOptions()
    output, progress = Path(output), progress or Progress(quiet=True)
    machine = _machine(device, config)
    work = look(models, tasks, Path(data), output, config, options, progress)
    with open_stage(work.stage, overwrite, progress) as state:
        if state is State.COMPLETE:
            return read_results(output)
        write_config(output, config)
        if machine.device.type == "cpu":
            keep_freed_memory()
        progress.message(f"device: {describe_machine(machine, device)}")
        if work.protocol == "finetune" and not progress.quiet:
            seconds = finetuning_seconds(work, output, config.evaluate, machine)
            progress.message(
                f"time: about {duration(seconds)} on this {machine.name}; Ctrl-C is safe, the same command continues"
            )
        if work.protocol == "mlm":
            results = _score_texts(work, Path(data), config, machine)
        else:
            results = _score_tasks(work, output, config, options, machine, progress)
        write_bytes(output / TABLE, (format_results(results) + "\n").encode())
        check_inputs(work.stage)
        return write_results(output, results)


def _machine(device: str, config: Config) -> Machine:
    chosen = pick_device(device)
    return Machine(chosen, pick_precision(chosen, config.evaluate.precision))


def describe(
    results: Mapping[str, Any],
    models: Sequence[AnyPath],
    tasks: Sequence[str],
    data: AnyPath,
    output: AnyPath,
) -> str:
    """The table, and where everything is."""
    return f"{format_results(results)}\n{output}"


def _score_tasks(
    work: Work, output: Path, config: Config, options: EvaluateOptions, machine: Machine, progress: Progress
) -> dict[str, Any]:
    records: dict[tuple[str, str], list[dict[str, Any]]] = {}
    zips: dict[str, dict[str, str]] = {}
    done = sum(has_ended(output, run) for run in work.runs)
    names = [encoder.name for encoder in work.encoders]
    with show_board(progress, names, [each.task.name for each in work.tasks], len(work.runs), done) as board:
        for each in work.tasks:
            name = each.task.name
            for encoder in work.encoders:
                for run in (run for run in work.runs if (run.model, run.task) == (encoder.name, name)):
                    if work.protocol == "probe":
                        known = has_ended(output, run)
                        found = _probe(output, run, encoder, each, config, machine)
                        board.advance(0 if known else UNITS_OF_A_RUN, f"{name} {encoder.name}")
                    else:
                        found = [
                            _finetune(output, run, encoder, each, config, options, machine, board.advance)
                        ]
                    if found:
                        records.setdefault((encoder.name, name), []).extend(found)
                        board.ended(
                            encoder.name, name, [record["score"] for record in found], _said(run, found)
                        )
            records |= _anchors(output, each, config, work.protocol)
    listed = [record for cell in records.values() for record in cell]
    write_bytes(output / ERRORS, errors_lines(listed).encode())
    if options.submission:
        for record in listed:
            zips.setdefault(record["model"], {}).update(record.get("submission", {}))
        for model, files in zips.items():
            if files:
                write_submission(output / SUBMISSION / f"{file_name(model)}.zip", files)
    return _results(work, records, config, options)


def _finetune(
    output: Path,
    run: Run,
    encoder: Encoder,
    data: TaskData,
    config: Config,
    options: EvaluateOptions,
    machine: Machine,
    advance: Any,
) -> dict[str, Any]:
    known = read_record(output, run)
    if known is not None:
        return known
    outcome = finetune(encoder, data, config.evaluate, run.seed, machine, advance)
    more: dict[str, Any] = {"epoch": outcome.epoch, "curve": outcome.curve, "facts": outcome.facts}
    first = run.seed == config.seed
    if options.submission and first:
        more["submission"] = {
            name: submission_text(
                data.task, rows, predict(outcome.network, data, rows, encoder, config.evaluate, machine)
            )
            for name, rows in test_files(data)
        }
    if options.save and first and encoder.ours is not None:
        save_network(output / SAVED / run.stem, outcome.network, encoder, data)
    return write_record(output, run, data, outcome.judged, more)


def _probe(
    output: Path, run: Run, encoder: Encoder, data: TaskData, config: Config, machine: Machine
) -> list[dict[str, Any]]:
    def compute() -> list[Judged]:
        frozen = freeze(encoder, machine, 2 * config.evaluate.micro_batch_tokens)
        return probe_encoder(frozen, data, config.evaluate, config.seed)

    return _ended_or(compute, output, run.model, data, config)


def _anchors(
    output: Path, data: TaskData, config: Config, protocol: Protocol
) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """What models have to beat; beside fine-tuning, n-grams learn all of their rows at once."""
    evaluate, share = config.evaluate, DRAWN_SHARE
    if protocol == "finetune":
        evaluate, share = evaluate.model_copy(update={"probe_draws": 1}), 1.0
    anchors: tuple[tuple[str, Callable[[], list[Judged]]], ...] = (
        (MAJORITY, lambda: majority(data)),
        (NGRAMS, lambda: probe_ngrams(data, evaluate, config.seed, share)),
    )
    found = {
        (name, data.task.name): _ended_or(compute, output, name, data, config) for name, compute in anchors
    }
    return {cell: records for cell, records in found.items() if records}


def _ended_or(
    compute: Callable[[], list[Judged]], output: Path, model: str, data: TaskData, config: Config
) -> list[dict[str, Any]]:
    """The records of all draws of a model on a task: those that are there, else of what ``compute`` gives."""
    runs = [Run(model, data.task.name, config.seed + draw) for draw in range(config.evaluate.probe_draws)]
    if has_ended(output, runs[0]):
        return [record for run in runs if (record := read_record(output, run)) is not None]
    pairs = list(zip(runs, compute(), strict=False))
    # The first draw's file last: it says that all are there.
    return [write_record(output, run, data, judged, {}) for run, judged in reversed(pairs)][::-1]


def _score_texts(work: Work, data: Path, config: Config, machine: Machine) -> dict[str, Any]:
    text = hide(read_texts(data), config.seed)
    scores = []
    for encoder in work.encoders:
        score = score_text(encoder, text, machine, 2 * config.evaluate.micro_batch_tokens)
        scores.append({"model": encoder.name, "figures": score.figures(text)})
    head = (
        f"{data.name}: {text.characters:,} characters hidden in {len(text.texts):,} pieces (whole words, 15%); "
        "bits a hidden character compare any vocabularies, loss and accuracy a token equal ones"
    )
    return _frame(work, config, head) | {"scores": scores}


def _results(
    work: Work,
    records: dict[tuple[str, str], list[dict[str, Any]]],
    config: Config,
    options: EvaluateOptions,
) -> dict[str, Any]:
    first = work.encoders[0].name
    groups = {each.task.name: tuple(row.group for row in each.scored) for each in work.tasks}
    ratios = {each.task.name: not each.task.headline.startswith("macro") for each in work.tasks}
    results = _frame(work, config, _head(work, config)) | {
        "tasks": [_task_facts(each, config) for each in work.tasks],
        "scores": summarize_scores(records),
        "comparisons": compare(
            records,
            groups,
            ratios,
            first,
            config.evaluate.resamples,
            config.seed,
            draw_runs=work.protocol != "probe",
        ),
        "averages": averages(
            records, {each.task.name: each.files.few_shot for each in work.tasks if each.task.root is None}
        ),
        "runs": [
            {key: value for key, value in record.items() if key not in ("parts", "errors", "submission")}
            for cell in records.values()
            for record in cell
        ],
    }
    if options.published:
        names = {each.task.name for each in work.tasks}
        shown = [row for row in PUBLISHED if names & row.scores.keys()]
        results["published"] = [
            {"model": row.model, "source": row.source, "scores": dict(row.scores)} for row in shown
        ]
        results["published_averages"] = published_averages()
    return results


def _task_facts(data: TaskData, config: Config) -> dict[str, Any]:
    settings = config.evaluate.of_task(data.task.name)
    return {
        "name": data.task.name,
        "kind": data.task.kind,
        "metric": data.task.headline,
        "scored_on": data.scored_on,
        "scored_rows": len(data.scored),
        "train_rows": len(data.train),
        "train_files": [*named_files(data.files.train)],
        "labels": list(data.labels),
        "settings": settings.model_dump(mode="json", exclude={"tasks"}),
    }


def _head(work: Work, config: Config) -> str:
    on = "; ".join(
        f"{split}: {', '.join(names)}"
        for split in ("dev", "test")
        if (names := [each.task.name for each in work.tasks if each.scored_on == split])
    )
    if work.protocol == "probe":
        return (
            f"probe: frozen encoder, mean of states, ridge, {config.evaluate.probe_draws} draws of 80% of at most "
            f"{config.evaluate.probe_rows:,} training rows; mean ± sd over draws; scored on {on}"
        )
    epoch = "the best epoch on dev" if config.evaluate.select == "best" else "the last epoch"
    best = (
        " (of which dev scores are a little too kind)"
        if config.evaluate.select == "best" and "dev:" in on
        else ""
    )
    seeds = f"{config.evaluate.seeds} seed{'s' if config.evaluate.seeds > 1 else ''}"
    ngrams = f"{NGRAMS} learns at most {config.evaluate.probe_rows:,} training rows"
    return f"fine-tuning: {seeds}, mean ± sd; {epoch}{best}; scored on {on}; {ngrams}"


def _frame(work: Work, config: Config, head: str) -> dict[str, Any]:
    return {
        "protocol": work.protocol,
        "head": head,
        "seed": config.seed,
        "models": [
            {"name": encoder.name, "source": encoder.source.name, "parameters": encoder.parameters}
            for encoder in work.encoders
        ],
        "config": config.evaluate.model_dump(mode="json"),
        "versions": {"gaupt": __version__, "torch": torch.__version__, "python": platform.python_version()},
        "tasks": [],
        "comparisons": [],
        "averages": [],
    }


def _said(run: Run, records: Sequence[Mapping[str, Any]]) -> str:
    shown = ", ".join(f"{record['score']:.2f}" for record in records)
    facts = records[0].get("facts")
    more = f" (epoch {records[0]['epoch']}, {facts['seconds']:.0f} s)" if facts else ""
    return f"{run.task}  {run.model}  seed {run.seed}: {shown}{more}"
