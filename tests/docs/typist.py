"""Runs a page: a shell with all programs, a folder with what its reader has, and piece by piece what the page says."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import s3
from tests.docs import shelf
from tests.docs.page import Piece, gaupt_calls, pieces

READ_ONLY = {"data", "clue", "FewCLUE"}
"""Folders of the shelf that no page writes into."""
SPOILED = {
    "No text was found": "head -c 3000 /dev/urandom > noise.txt",
    "Everything was dropped": "echo 'Nothing but English here, and a line of it.' > english.txt",
    "A file of another kind": "echo '%PDF-1.7' > letter.pdf",
    "A config file that is no TOML": "printf 'train:\n  lr: 1e-4\n' > my.yaml",
    "A folder that is not complete": "cp -r prepared/clean half; rm half/report.json",
    "Another process writes the folder": """
        flock -o prepared/clean/.lock sleep 20 & echo $! >> left.pid
        while flock -n prepared/clean/.lock true; do sleep 0.05; done
    """,
    "A damaged folder": "truncate -s 1000 prepared/shards/train-00000.tokens.bin",
    "An export does not load": "echo x > my-encoder/model.safetensors",
}
"""What happened before the first command under a heading of the page on troubles."""
ONE_SCRIPT = {"python.md"}
"""Pages whose Python is one script, which tests/test_docs.py runs."""
DONE = {"demo"}
"""What takes seconds is made once, on the shelf, by the same command; that of a page finds it complete."""


@dataclass(frozen=True)
class Desk:
    """A shell with all programs, and the shelf that pages take from."""

    environment: dict[str, str]
    shelf: Path


@pytest.fixture(scope="module")
def account(desk: Desk) -> Iterator[dict[str, str]]:
    """A bucket that holds the text of the shelf; the environment that has its account."""
    s3fs = pytest.importorskip("s3fs")
    with s3.server() as address:
        store = s3fs.S3FileSystem(key="key", secret="secret", endpoint_url=address)
        store.mkdir("bucket")
        for folder in ("raw", "news"):
            store.put(str(desk.shelf / "corpus" / "news"), f"bucket/{folder}", recursive=True)
        yield {**s3.ACCOUNT, "AWS_ENDPOINT_URL": address}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    with shelf.programs(tmp_path_factory.mktemp("programs")) as environment:
        yield Desk(environment, shelf.make_shelf(shared / "shelf" / "made", environment))


def run_page(page: Path, folder: Path, environment: dict[str, str], made: Path) -> None:
    """Type what ``page`` says in ``folder``, which is made, with what is on the shelf at ``made``."""
    typed = [piece for piece in pieces(page) if piece.language in ("sh", "python") or piece.title]
    lay_out(made, folder, "\n".join(piece.text for piece in typed))
    try:
        for number, piece in enumerate(typed):
            carry_out(piece, number, page, folder, environment)
    finally:
        shelf.end_what_was_left(folder)
    called = shelf.calls(environment, folder)
    assert len(called) >= sum(gaupt_calls(piece) for piece in typed if not piece.title)


def lay_out(made: Path, folder: Path, typed: str) -> None:
    """Copy to ``folder`` what is on the shelf, but for what the page itself makes before it reads it."""
    folder.mkdir()
    for path in made.iterdir():
        if path.name in READ_ONLY or path.is_symlink():
            (folder / path.name).symlink_to(path)
        elif path.name not in typed:
            continue
        elif path.name in DONE or not is_made(path.name, typed):
            (shutil.copytree if path.is_dir() else shutil.copy2)(path, folder / path.name)


def is_made(name: str, typed: str) -> bool:
    """Whether the first command that names a file or a folder writes it."""
    first = re.search(rf"(-o|>)? (?<![\w./-]){re.escape(name)}(?![\w-])", typed)
    return first is not None and first[1] is not None


def carry_out(piece: Piece, number: int, page: Path, folder: Path, environment: dict[str, str]) -> None:
    """Do with a piece what its reader does: save what has a title, run the rest."""
    if piece.title:
        (folder / piece.title).write_text(piece.text, encoding="utf-8")
    elif piece.language == "python" and page.name not in ONE_SCRIPT:
        (folder / f"block{number}.py").write_text(piece.text, encoding="utf-8")
        shelf.bash(f"python block{number}.py", folder, environment)
    elif piece.language == "sh":
        if piece.answer:
            shelf.bash(SPOILED.get(piece.heading, "true"), folder, environment)
        is_refused = piece.answer.startswith("gaupt: error: ")
        said = shelf.bash(piece.text, folder, environment, status=2 if is_refused else 0)
        if piece.answer:
            shelf.end_what_was_left(folder)
        if not re.search(any_case(piece.answer), said):
            pytest.fail(f"line {piece.line}: {piece.answer}\nbut is {said}")


def any_case(message: str) -> str:
    """A pattern for a message in which ``…`` stands for what differs from case to case."""
    return re.escape(message.strip()).replace("…", ".*")
