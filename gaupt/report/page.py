"""The report page: finds out what each folder is and puts the sections together."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gaupt.corpus.documents import REPORT
from gaupt.errors import GauptError
from gaupt.files import read_json, write_bytes
from gaupt.inspection import kind_of
from gaupt.report import html
from gaupt.report.corpus import corpus_section
from gaupt.report.data import shards_section, tokenizer_section
from gaupt.report.evaluation import evaluation_section
from gaupt.report.speed import is_bench, speed_section
from gaupt.report.training import fill_section, training_section


def write_report(folders: Sequence[Path], output: Path, predictions: Sequence[dict[str, Any]] = ()) -> None:
    """Write one HTML page to ``output``, on ``folders``: prepared data, stage folders, runs, evaluations, bench files.

    ``predictions`` are fill-mask examples as `gaupt.evaluation.fill.fill_masks` returns them.

    Raises:
        GauptError: a folder is missing, or has nothing to report; ``output`` is a folder.
    """
    if output.is_dir():
        raise GauptError(f"{output} is a folder; give -o a file, e.g. {output / 'report.html'}")
    sections = [section for folder in folders for section in _sections(folder)]
    if predictions:
        sections.append(fill_section(predictions))
    write_bytes(output, html.page("gaupt report", sections).encode())


def _sections(folder: Path) -> list[str]:
    if is_bench(folder):
        return [speed_section(folder)]
    kind = kind_of(folder)
    if kind == "prepared":
        return [section for part in ("clean", "tokenizer", "shards") for section in _sections(folder / part)]
    if kind == "documents":
        return [corpus_section(folder.resolve().parent.name, read_json(folder / REPORT))]
    if kind == "tokenizer":
        return [tokenizer_section(folder)]
    if kind == "shards":
        return [shards_section(folder)]
    if kind == "run":
        return [training_section(folder)]
    if kind == "evaluation":
        return [evaluation_section(folder)]
    raise GauptError(
        f"{folder}: nothing to report on a {kind}; give prepared data, a run, an evaluation or a file of "
        "gaupt bench --json"
    )
