"""What a reader of a page has: text, and what earlier pages have made of it, all of the bundled sample and tiny."""

import fcntl
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from signal import SIGKILL
from subprocess import run as run_program

import zstandard

from tests.docs.stand_ins import PROGRAMS, ROOT
from tests.docs.tasks import write_clue
from tests.evaluation.small import write_bert
from tests.processes import start

SOURCES = ("reviews", "fewclue_csl", "crosswoz", "goldminer", "laws", "poetry")
"""Names of sources that a page gives weights."""
CLIENT = Path(__file__).with_name("client.py")

MADE = """
gaupt prepare corpus/ -o prepared
gaupt demo -o demo
gaupt pretrain prepared -o run --preset small
gaupt pretrain prepared -o other-run --preset small --seed 1
gaupt export run -o my-encoder
gaupt evaluate run --probe --task data/tasks/topics.toml --data data/tasks -o scores
gaupt shard prepared/clean --tokenizer prepared/tokenizer -o shards
"""
"""How what is no text is made, by commands of earlier pages."""


@contextmanager
def programs(folder: Path) -> Iterator[dict[str, str]]:
    """Serve the stand-ins; the environment in which a shell finds them, and whose home is in ``folder``."""
    sockets = Path(tempfile.mkdtemp())  # the address of a socket is short
    address, log, bin = sockets / "s", folder / "calls.jsonl", folder / "bin"
    bin.mkdir(parents=True)
    log.touch()
    client = bin / "client"
    client.write_text(f"#!{sys.executable} -IS\n{CLIENT.read_text(encoding='utf-8')}", encoding="utf-8")
    client.chmod(0o755)
    for name in PROGRAMS:
        (bin / name).symlink_to("client")
    server = start("-c", f"from tests.docs.server import serve; serve({str(address)!r})")
    try:
        server.wait_for(address.exists)
        yield {
            **os.environ,
            "PATH": f"{bin}{os.pathsep}{os.environ['PATH']}",
            "PROGRAMS": str(address),
            "CALLS": str(log),
            "HOME": str(folder),
            "HF_HOME": str(folder / "hf"),
            "HF_HUB_OFFLINE": "1",
            "COLUMNS": "200",
        }
    finally:
        server.process.kill()
        server.finish(5)
        shutil.rmtree(sockets)


def make_shelf(folder: Path, environment: dict[str, str]) -> Path:
    """Fill ``folder``, once for all processes of the tests."""
    folder.parent.mkdir(exist_ok=True, parents=True)
    with open(folder.parent / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            making = folder.with_name("making")
            shutil.rmtree(making, ignore_errors=True)
            write_texts(making)
            write_bert(making / "bert-base-chinese")
            bash(MADE, making, environment)
            for seed in ("paper-0", "fast-0"):  # as benchmarks/recipes.py leaves them
                shutil.copytree(making / "run", making / "models" / seed)
            making.rename(folder)
    return folder


def write_texts(folder: Path) -> None:
    """The reader's own text, and files of others."""
    documents = ROOT / "data" / "documents"
    shutil.copytree(ROOT / "data", folder / "data")
    for source in ("howto", "news"):
        (folder / "corpus" / source).mkdir(parents=True)
        for path in sorted((documents / source).iterdir())[:14]:
            shutil.copy(path, folder / "corpus" / source)
    shutil.copytree(documents / "news", folder / "shared" / "raw")
    for place in ("corpus", "more", "notes"):
        (folder / place).mkdir(exist_ok=True)
        _write_zst(folder / place / f"{place}.jsonl.zst", documents / "dialogues.jsonl")
    stories = sorted((documents / "stories").iterdir())
    for number, source in enumerate(SOURCES):
        text = stories[number].read_text(encoding="utf-8")
        (folder / "corpus" / f"{source}.jsonl").write_text(
            json.dumps({"text": text}) + "\n", encoding="utf-8"
        )
    essays = sorted((documents / "essays").iterdir())
    lines = [line for essay in essays[:3] for line in essay.read_text(encoding="utf-8").split("\n") if line]
    (folder / "held-out.txt").write_text("\n".join(lines), encoding="utf-8")
    (folder / "notes.txt").write_text(lines[1], encoding="utf-8")
    (folder / "texts.txt").write_text("今天天气很[MASK]。\n他在这[MASK]住了三十年。\n", encoding="utf-8")
    (folder / "words.txt").write_text("螺丝\n番茄\n快照\n", encoding="utf-8")
    characters = sorted({sign for line in lines for sign in line if "一" <= sign <= "鿿"})
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    (folder / "vocab.txt").write_text("\n".join([*specials, *characters]) + "\n", encoding="utf-8")
    write_clue(folder / "clue", folder / "FewCLUE" / "datasets", folder / "data" / "tasks" / "topics")
    for name in ("Dockerfile", "pyproject.toml", "benchmarks", "examples"):
        with suppress(FileNotFoundError):
            (folder / name).symlink_to(ROOT / name)


def _write_zst(path: Path, text: Path) -> None:
    path.write_bytes(zstandard.compress(text.read_bytes()[:20_000].rpartition(b"\n")[0] + b"\n"))


def bash(text: str, folder: Path, environment: dict[str, str], status: int = 0) -> str:
    """What a shell prints that runs ``text`` in ``folder`` and stops at the first mistake."""
    script, printed = folder / ".typed.sh", folder / ".printed.txt"
    script.write_text(text, encoding="utf-8")
    with printed.open("w+b") as out, tempfile.TemporaryFile() as enter:
        enter.write(b"\n" * 3)
        enter.seek(0)
        done = run_program(
            ["bash", "-eu", "-o", "pipefail", str(script)],
            cwd=folder,
            env=environment | {"PAGE": str(folder)},
            stdin=enter,
            stdout=out,
            stderr=out,
            timeout=120,
        )
    said = printed.read_text(encoding="utf-8", errors="replace")
    assert done.returncode == status, f"status {done.returncode} of\n{text}\n{said[-3000:]}"
    return said


def end_what_was_left(folder: Path) -> None:
    """End the programs that a page leaves at work."""
    with suppress(FileNotFoundError):
        left = folder / "left.pid"
        for process in left.read_text().split():
            with suppress(ProcessLookupError):
                os.kill(int(process), SIGKILL)
        left.unlink()


def calls(environment: dict[str, str], folder: Path) -> list[list[str]]:
    """The calls of gaupt by the page in ``folder``."""
    lines = Path(environment["CALLS"]).read_text(encoding="utf-8").splitlines()
    return [words for place, words in map(json.loads, lines) if place == str(folder)]
