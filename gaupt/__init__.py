"""gaupt: from raw Chinese text to a pretrained Gated Attention Unit encoder.

What a script needs is here, each name imported when it is first used: see docs/python.md.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if sys.platform == "win32":  # fcntl, on which the lock of every folder rests, is not there
    print(
        "gaupt: error: gaupt runs on Linux and macOS; on Windows install and run it inside WSL2",
        file=sys.stderr,
    )
    sys.exit(2)

if TYPE_CHECKING:
    from gaupt.checkpoint.load import load_model as load_model
    from gaupt.config.load import load_config as load_config
    from gaupt.config.sections import Config as Config
    from gaupt.corpus.clean import clean as clean
    from gaupt.corpus.documents import read_documents as read_documents
    from gaupt.errors import GauptError as GauptError
    from gaupt.evaluation.evaluate import evaluate as evaluate
    from gaupt.evaluation.fill import fill_masks as fill_masks
    from gaupt.evaluation.score import score_file as score_file
    from gaupt.evaluation.work import EvaluateOptions as EvaluateOptions
    from gaupt.exporting.hf import export as export
    from gaupt.importing.importer import import_checkpoint as import_checkpoint
    from gaupt.preparation import prepare as prepare
    from gaupt.progress import Progress as Progress
    from gaupt.shards.build import build_shards as build_shards
    from gaupt.tokenizer.build import build_tokenizer as build_tokenizer
    from gaupt.training.pretrain import pretrain as pretrain

__version__ = "0.1.0"
"""The one place that says it; the package's metadata is read from here."""

__all__ = [
    "Config",
    "EvaluateOptions",
    "GauptError",
    "Progress",
    "build_shards",
    "build_tokenizer",
    "clean",
    "evaluate",
    "export",
    "fill_masks",
    "import_checkpoint",
    "load_config",
    "load_model",
    "prepare",
    "pretrain",
    "read_documents",
    "score_file",
]

_HOMES = {
    "Config": "gaupt.config.sections",
    "EvaluateOptions": "gaupt.evaluation.work",
    "GauptError": "gaupt.errors",
    "Progress": "gaupt.progress",
    "build_shards": "gaupt.shards.build",
    "build_tokenizer": "gaupt.tokenizer.build",
    "clean": "gaupt.corpus.clean",
    "evaluate": "gaupt.evaluation.evaluate",
    "export": "gaupt.exporting.hf",
    "fill_masks": "gaupt.evaluation.fill",
    "import_checkpoint": "gaupt.importing.importer",
    "load_config": "gaupt.config.load",
    "load_model": "gaupt.checkpoint.load",
    "prepare": "gaupt.preparation",
    "pretrain": "gaupt.training.pretrain",
    "read_documents": "gaupt.corpus.documents",
    "score_file": "gaupt.evaluation.score",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'gaupt' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
