"""What an evaluation leaves in its folder.

results.json     every run with its settings, score and files; complete folders have it
results.txt      the table
errors.jsonl     the most confident mistakes of the first run of each model on each task
predictions/     a file a run, in the layout that CLUE takes
runs/            a record a run; what is there is not made again
submission/      CLUE's zips, saved/ fine-tuned models, where asked for
"""

from pathlib import Path
from typing import Any

from gaupt.errors import GauptError
from gaupt.files import read_sealed_json, write_sealed_json
from gaupt.seal import list_files

FORMAT, VERSION = "gaupt-evaluation", 1
RESULTS = "results.json"
TABLE = "results.txt"
ERRORS = "errors.jsonl"
RUNS = "runs"
PREDICTIONS = "predictions"
SUBMISSION = "submission"
SAVED = "saved"


def write_results(folder: Path, results: dict[str, Any]) -> dict[str, Any]:
    """Write results.json, which makes the folder complete; returns it with the list of all other files."""
    whole = {
        "format": FORMAT,
        "version": VERSION,
        **results,
        "files": list_files(folder, apart={RESULTS}),
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
