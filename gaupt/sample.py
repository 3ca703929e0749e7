"""Where the bundled sample corpus is: in the installed package, or in ``data/`` of a clone."""

from pathlib import Path

from gaupt.errors import GauptError


def sample_documents() -> Path:
    """Folder of the sample's raw files.

    Raises:
        GauptError: the installation lacks the sample.
    """
    package = Path(__file__).parent
    for folder in (package / "sample", package.parent / "data"):
        if (folder / "documents").is_dir():
            return folder / "documents"
    raise GauptError(f"the bundled sample is missing from {package}; install gaupt again")
