"""The report page: finds out what each folder is and puts the sections together."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gaupt.corpus.documents import REPORT
from gaupt.errors import GauptError
from gaupt.evaluation.format import read_results
from gaupt.files import check_new_file, read_json, write_bytes
from gaupt.folders import KINDS, names_apart, unexpected
from gaupt.inspection import kind_of, parts_of
from gaupt.language import Language, Wording, language_of
from gaupt.report import html
from gaupt.report.chinese import CHINESE
from gaupt.report.corpus import corpus_section
from gaupt.report.data import shards_section, tokenizer_section
from gaupt.report.evaluation import evaluation_section
from gaupt.report.run import Run, read_run
from gaupt.report.speed import is_bench, speed_section
from gaupt.report.training import comparison_section, fill_section, training_section
from gaupt.report.verdict import verdict

Section = tuple[str, html.Markup]


def write_report(
    folders: Sequence[Path],
    output: Path,
    predictions: Sequence[dict[str, Any]] = (),
    language: Language | None = None,
) -> None:
    """Write one HTML page to ``output``, on ``folders``: prepared data, stage folders, runs, evaluations, bench files.

    ``predictions`` are fill-mask examples as `gaupt.evaluation.fill.fill_masks` returns them; ``language`` is that of
    the locale where none is given.

    Raises:
        GauptError: a folder is missing, or has nothing to report; ``output`` cannot be written, or is no report.
    """
    check_new_file(output)
    if output.exists() and not (output.is_file() and output.read_bytes().startswith(html.START.encode())):
        raise GauptError(f"{output} is there and no report; it is left alone, give -o another file")
    if output.suffix.lower() not in (".html", ".htm", ""):
        raise GauptError(f"{output}: the report is a page of HTML; give a name that ends in .html")
    write_bytes(output, _page(folders, predictions, Wording(language or language_of(), CHINESE)).encode())


def _page(folders: Sequence[Path], predictions: Sequence[dict[str, Any]], say: Wording) -> str:
    found = [part for folder in folders for part in _parts(folder)]
    paths: dict[str, list[Path]] = {}
    for kind, path in found:
        paths.setdefault(kind, []).append(path)
    runs = {path: read_run(path, name) for path, name in _named(paths.get("run", ()))}
    evaluations = {path: read_results(path) for path in paths.get("evaluation", ())}
    names = {path: name for of_kind in paths.values() for path, name in _named(of_kind)}
    if len(paths.get("documents", ())) == 1:
        names[paths["documents"][0]] = ""  # which always is called clean
    sections = [_section(kind, path, names[path], runs, evaluations, say) for kind, path in found]
    if len(runs) > 1:
        first = next(place for place, (kind, _) in enumerate(found) if kind == "run")
        sections.insert(first, comparison_section([*runs.values()], say))
    if predictions:
        sections.append(fill_section(predictions, say))
    corpora = [read_json(path / REPORT) for path in paths.get("documents", ())]
    lead = verdict(corpora, [*runs.values()], [*evaluations.values()], say)
    title = say("gaupt report: {names}", names=", ".join(folder.resolve().name for folder in folders))
    return html.page(
        title, lead, sections, language=say.language, skip=say("To the content"), contents=say("Contents")
    )


def _parts(folder: Path) -> list[tuple[str, Path]]:
    """The kinds and the paths of what ``folder`` is made of and a page tells."""
    if is_bench(folder):
        return [("bench", folder)]
    if folder.is_file():
        raise GauptError(f"{folder} is no file of gaupt bench --json; give that, or folders that gaupt wrote")
    if parts := [part for part in parts_of(folder) if kind_of(part) != "export"]:
        return [found for part in parts for found in _parts(part)]
    kind = kind_of(folder)
    if kind not in ("documents", "tokenizer", "shards", "run", "evaluation"):
        raise unexpected(folder, "run", "prepared", "evaluation")
    return [(kind, folder)]


def _section(
    kind: str,
    path: Path,
    name: str,
    runs: Mapping[Path, Run],
    evaluations: Mapping[Path, Mapping[str, Any]],
    say: Wording,
) -> Section:
    if kind == "documents":
        return _of_report(path, lambda report: corpus_section(name, report, path, say))
    if kind == "tokenizer":
        return _of_report(path, lambda report: tokenizer_section(report, path, say))
    if kind == "shards":
        return shards_section(path, say)
    if kind == "run":
        return training_section(runs[path], say, curves=len(runs) == 1)
    if kind == "evaluation":
        return evaluation_section(name, evaluations[path], path, say)
    return speed_section(path, say)


def _named(paths: Sequence[Path]) -> list[tuple[Path, str]]:
    return [*zip(paths, names_apart(paths), strict=True)] if paths else []


def _of_report(folder: Path, section: Callable[[Any], Section]) -> Section:
    """The section that is made from a folder's ``report.json``."""
    try:
        return section(read_json(folder / REPORT))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise GauptError(
            f"{folder / REPORT} is missing or damaged; copy it again, or run gaupt {KINDS[kind_of(folder)].stage} "
            "again with --overwrite"
        ) from None
