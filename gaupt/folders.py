"""The kinds of folders that gaupt reads and writes, told by the files in them; and what to say of the wrong one."""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gaupt.errors import GauptError
from gaupt.files import read_sealed_json
from gaupt.remote import Remote, url_of
from gaupt.stage import RECORD


@dataclass(frozen=True)
class Kind:
    """What people call a folder, and what it is told by."""

    called: str
    files: tuple[str, ...]
    """Files that are in it."""
    stage: str | None = None
    """The stage that its record names, where it has one: a copy of a tokenizer has none."""


# The most telling files first: a folder of shards holds a tokenizer, and one of transformers may be one.
KINDS: Mapping[str, Kind] = {
    "demo": Kind("a folder of gaupt demo", ("prepared/clean", "run")),
    "checkpoint": Kind("a checkpoint", ("manifest.json", "model.safetensors", "tokenizer")),
    "shards": Kind("a folder of gaupt shard", ("manifest.json", "tokenizer"), "shard"),
    "run": Kind("a run of gaupt pretrain", ("metrics.jsonl", "checkpoints"), "pretrain"),
    "prepared": Kind("a folder of gaupt prepare", ("clean/report.json", "tokenizer", "shards")),
    "export": Kind("a folder of gaupt export", ("config.json", "modeling_gau.py", "masked_lm.py")),
    "transformers": Kind("a folder of transformers", ("config.json",)),
    "tokenizer": Kind(
        "a folder of gaupt tokenizer", ("tokenizer.json", "tokenizer_config.json"), "tokenizer"
    ),
    "evaluation": Kind("a folder of gaupt evaluate", ("results.json",), "evaluate"),
    "documents": Kind("a folder of gaupt clean", ("report.json",), "clean"),
}
MODELS = ("run", "checkpoint", "export")
"""The kinds that MODEL of the command line takes."""
_NAMED = 3
"""Folders that a message names at most."""
_LOOKED_AT = 200
"""Entries of a folder that are looked at for the one that was meant."""
_ON_THE_HUB = re.compile(r"[\w.-]+/[\w.-]+|\w+(?:-\w+)+")


def kind_of(path: Path) -> str | None:
    """Which of `KINDS` a folder is; None: none of them, not there, or a part of one."""
    stage, has = _stage(path), _looked_at(path)
    told = next(
        (
            name
            for name, kind in KINDS.items()
            if not _lacking(has, kind) and (stage is None or stage == kind.stage)
        ),
        None,
    )
    half = _half(has, KINDS) if stage is None else None
    # A folder of which more is there than of the one that it looks like.
    if told is not None and half is not None and len(half.files) - 1 > len(KINDS[told].files):
        return None
    return told


def names_apart(paths: Sequence[Path]) -> list[str]:
    """What tables call folders: their names, with as many parents as tell them apart; one given twice has one name."""
    resolved = [path.resolve() for path in paths]
    names = list[str]()
    for parts in range(1, max(len(path.parts) for path in resolved) + 1):
        names = ["/".join(path.parts[-parts:]) for path in resolved]
        if len(set(names)) == len(set(resolved)):
            break
    return names


def unexpected(path: Path, *wanted: str, remedy: str = "", hub: bool = False) -> GauptError:
    """The error that says what ``path`` is instead of one of the kinds ``wanted``, and what was meant or is to be done.

    None ``wanted``: any of ours would do. What was meant is looked for inside ``path``, above it and beside it;
    ``remedy`` is told where nothing is found. With ``hub``, a path that is not there may be a name on the Hugging
    Face Hub, and how to download it is told.
    """
    names = [KINDS[kind].called for kind in wanted] or ["a folder that gaupt wrote"]
    expected = " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    if not isinstance(path, Remote) and (url := url_of(path)):
        return GauptError(f"{url} is a URL; download it and give the folder")
    if not path.exists():
        meant = _meant(_misspelt(path, wanted))
        if path.is_symlink():
            return GauptError(f"{path} is a link to {path.readlink()}, which does not exist; give {expected}")
        if not meant and hub and _ON_THE_HUB.fullmatch(str(path)):
            meant = (
                "; if it is a name on the Hugging Face Hub, download it first: "
                f"hf download {path} --local-dir {path.name} (pip install huggingface_hub)"
            )
        return GauptError(f"{path} does not exist{meant or f'; give {expected}'}")
    kind = kind_of(path)
    meant = _meant(_nearby(path, wanted)) or (f"; {remedy}" if remedy else "")
    if not path.is_dir():
        return GauptError(f"{path} is a file, not {expected}{meant}")
    if kind in wanted or (kind is None and (path / RECORD).is_file()):
        return GauptError(
            f"{path} is not complete; run the same gaupt {_stage(path) or 'command'} again, with --overwrite if it "
            "has nothing to do"
        )
    has = _looked_at(path)
    if half := _half(has, wanted or KINDS):
        return GauptError(
            f"{path} is {half.called} without its {_lacking(has, half)[0]}; copy or make it anew"
        )
    if kind is not None:
        return GauptError(f"{path} is {KINDS[kind].called}, not {expected}{meant}")
    if not any(path.iterdir()):
        return GauptError(f"{path} is empty, not {expected}{meant}")
    lacking = f" (no {_lacking(has, KINDS[wanted[0]])[0]})" if len(wanted) == 1 else ""
    return GauptError(f"{path} is not {expected}{lacking}{meant}")


def _looked_at(path: Path) -> Callable[[str], bool]:
    """Whether there is a file of a name in ``path``, which is looked for once."""
    # One look at a folder of a store, for a question each.
    there = {entry.name for entry in path.iterdir()} if isinstance(path, Remote) else None

    @cache
    def has(name: str) -> bool:
        if there is not None and ("/" not in name or name.partition("/")[0] not in there):
            return name in there
        return (path / name).exists()

    return has


def _lacking(has: Callable[[str], bool], kind: Kind) -> list[str]:
    return [name for name in kind.files if not has(name)]


def _half(has: Callable[[str], bool], names: Iterable[str]) -> Kind | None:
    """The kind of ``names`` of which most of the telling files are there, but not all: a folder copied in part."""
    kinds = (KINDS[name] for name in names)
    return next((kind for kind in kinds if len(kind.files) > 2 and len(_lacking(has, kind)) == 1), None)


def check_whole(output: Path, kind: str) -> None:
    """Refuse to put the parts of a whole of ``kind`` into a folder that is another kind.

    Raises:
        GauptError: ``output`` is a folder of another kind, or one that another stage has begun.
    """
    told, stage = kind_of(output), _stage(output)
    if told not in (None, kind) or stage is not None:
        called = KINDS[told].called if told else f"a folder that gaupt {stage} has begun"
        raise GauptError(f"{output} is {called}; choose another folder than that")


def _stage(path: Path) -> str | None:
    """The stage that wrote a folder, by its record; None where there is none, or it is damaged."""
    try:
        return str(read_sealed_json(path / RECORD)["stage"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _meant(paths: list[Path]) -> str:
    if not paths:
        return ""
    more = ", …" if len(paths) > _NAMED else ""
    return f"; did you mean {' or '.join(map(str, paths[:_NAMED]))}{more}?"


def _nearby(path: Path, wanted: tuple[str, ...]) -> list[Path]:
    """Folders of the first kind of ``wanted`` that is found around ``path``: inside, above, beside, in this order."""
    start = path if path.is_dir() else path.parent
    known = kind_of(start) not in (None, "transformers")
    if not known and start != path:
        return []  # a file of the user's own
    inside, above = list(_folders(start)), _above(start)
    # What stands beside a folder that is none of ours has nothing to do with it.
    beside = list(_folders(above)) if known else []
    places = [
        [start],
        inside,
        [folder for child in inside for folder in _folders(child)],
        [above],
        [_above(above)],
        beside,
        [folder for sibling in beside for folder in _folders(sibling)],
    ]
    told = [[(kind_of(folder), folder) for folder in place] for place in places]
    for kinds in ({kind} for kind in wanted) if wanted else [KINDS.keys() - {"transformers"}]:
        for place in told:
            if found := [folder for kind, folder in place if kind in kinds]:
                return found
    return []


def _misspelt(path: Path, wanted: tuple[str, ...]) -> list[Path]:
    """Folders of a kind of ``wanted`` beside the missing ``path`` that are called nearly as it is."""
    beside = {folder.name: folder for folder in _folders(path.parent) if kind_of(folder) in (wanted or KINDS)}
    return [beside[name] for name in difflib.get_close_matches(path.name, beside, n=_NAMED)]


def _above(folder: Path) -> Path:
    return folder / ".." if folder.name in ("", "..") else folder.parent


def _folders(path: Path) -> Iterator[Path]:
    """The folders in ``path`` by name, hidden ones left out."""
    try:
        names = sorted(entry.name for entry in path.iterdir())[:_LOOKED_AT]
    except OSError:
        return
    yield from (path / name for name in names if not name.startswith(".") and (path / name).is_dir())
