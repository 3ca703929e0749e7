"""What an evaluation leaves in its folder.

results.json     every run with its settings, score and files; complete folders have it
results.txt      the table
errors.jsonl     the most confident mistakes of the first run of each model on each task
predictions/     a file a run, in the layout that CLUE takes
runs/            a record a run; what is there is not made again
submission/      CLUE's zips, saved/ fine-tuned models, where asked for
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gaupt.errors import GauptError
from gaupt.files import read_sealed_json, sha256, verify_checksums, write_sealed_json
from gaupt.stage import LOCK, RECORD

FORMAT, VERSION = "gaupt-evaluation", 1
RESULTS = "results.json"
TABLE = "results.txt"
ERRORS = "errors.jsonl"
RUNS = "runs"
PREDICTIONS = "predictions"
SUBMISSION = "submission"
SAVED = "saved"


def write_results(folder: Path, results: dict[str, Any]) -> dict[str, Any]:
    """Write results.json, which makes the folder complete; returns it with a sha256 for every other file."""
    apart = {RESULTS, RECORD, LOCK}
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in apart)
    whole = {
        "format": FORMAT,
        "version": VERSION,
        **results,
        "files": {path.relative_to(folder).as_posix(): sha256(path) for path in files},
    }
    write_sealed_json(folder / RESULTS, whole)
    return read_results(folder)


def read_results(folder: Path) -> dict[str, Any]:
    """What `write_results` wrote.

    Raises:
        GauptError: it is missing or damaged.
    """
    try:
        return read_sealed_json(folder / RESULTS)
    except (OSError, ValueError):
        raise GauptError(
            f"{folder / RESULTS} is missing or damaged; evaluate again with --overwrite"
        ) from None


def verify(folder: Path) -> Iterator[str]:
    """For each file of an evaluation, what is wrong with it, or an empty line."""
    try:
        results = read_results(folder)
    except GauptError as error:
        yield str(error)
        return
    yield ""
    yield from verify_checksums(folder, results["files"])
