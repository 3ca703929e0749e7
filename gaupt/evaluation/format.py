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
from gaupt.files import as_sealed_json, read_sealed_json
from gaupt.seal import close
from gaupt.stage import CONFIG, RECORD

FORMAT, VERSION = "gaupt-evaluation", 1
RESULTS = "results.json"
TABLE = "results.txt"
ERRORS = "errors.jsonl"
RUNS = "runs"
PREDICTIONS = "predictions"
SUBMISSION = "submission"
SAVED = "saved"
_OURS = (TABLE, ERRORS, RUNS, PREDICTIONS, SUBMISSION, SAVED)


def write_results(folder: Path, results: dict[str, Any]) -> dict[str, Any]:
    """Write results.json, which makes the folder complete; returns it."""
    whole = {
        "format": FORMAT,
        "version": VERSION,
        **results,
    }
    close(folder, RESULTS, as_sealed_json(whole), (*_OURS, CONFIG, RECORD))
    return read_results(folder)


def read_results(folder: Path) -> dict[str, Any]:
    """What `write_results` wrote.

    Raises:
        GauptError: it is missing or damaged.
    """
    try:
        results = read_sealed_json(folder / RESULTS)
        if results["format"] != FORMAT:
            raise ValueError("another file of ours")
        return results
    except (OSError, ValueError, KeyError):
        raise GauptError(
            f"{folder / RESULTS} is missing or damaged; evaluate again with --overwrite"
        ) from None
