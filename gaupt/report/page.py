"""The report page: finds out what each folder is and puts the sections together."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gaupt.corpus.documents import REPORT
from gaupt.errors import GauptError
from gaupt.files import check_new_file, read_json, write_bytes
from gaupt.folders import KINDS, unexpected
from gaupt.inspection import kind_of, parts_of
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
        GauptError: a folder is missing, or has nothing to report; ``output`` cannot be written, or is no report.
    """
    check_new_file(output)
    if output.exists() and not (output.is_file() and output.read_bytes().startswith(html.START.encode())):
        raise GauptError(f"{output} is there and no report; it is left alone, give -o another file")
    if output.suffix.lower() not in (".html", ".htm", ""):
        raise GauptError(f"{output}: the report is a page of HTML; give a name that ends in .html")
    sections = [section for folder in folders for section in _sections(folder)]
    if predictions:
        sections.append(fill_section(predictions))
    write_bytes(output, html.page("gaupt report", sections).encode())


def _sections(folder: Path) -> list[str]:
    if is_bench(folder):
        return [speed_section(folder)]
    if folder.is_file():
        raise GauptError(f"{folder} is no file of gaupt bench --json; give that, or folders that gaupt wrote")
    if parts := [part for part in parts_of(folder) if kind_of(part) != "export"]:
        return [section for part in parts for section in _sections(part)]
    kind = kind_of(folder)
    if kind == "documents":
        return [_of_report(folder, lambda facts: corpus_section(folder.resolve().parent.name, facts))]
    if kind == "tokenizer":
        return [_of_report(folder, tokenizer_section)]
    if kind == "shards":
        return [shards_section(folder)]
    if kind == "run":
        return [training_section(folder)]
    if kind == "evaluation":
        return [evaluation_section(folder)]
    raise unexpected(folder, "run", "prepared", "evaluation")


def _of_report(folder: Path, section: Callable[[Mapping[str, Any]], str]) -> str:
    """The section that is made from a folder's ``report.json``."""
    try:
        return section(read_json(folder / REPORT))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise GauptError(
            f"{folder / REPORT} is missing or damaged; copy it again, or run gaupt {KINDS[kind_of(folder)].stage} "
            "again with --overwrite"
        ) from None
