"""Which files to read: paths, folders, globs and URLs to a sorted list, the format told by name, else by content."""

import difflib
import glob
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path, PurePath, PurePosixPath

from gaupt.corpus.read.content import format_of_content, may_hold_records
from gaupt.corpus.read.file import COMPRESSIONS, FORMATS, InputFile, recognize, uncompressed
from gaupt.corpus.read.foreign import HEAD, Foreign, foreign_by_content, foreign_by_name, refusal
from gaupt.corpus.read.mediawiki import is_export
from gaupt.corpus.read.names import readable_name
from gaupt.corpus.read.streams import BROKEN, Utf8Lines, open_stream
from gaupt.errors import GauptError
from gaupt.files import AnyPath, distinct_names
from gaupt.folders import KINDS, kind_of
from gaupt.remote import first_line
from gaupt.stage import RECORD

_SHOWN = 8
"""Extensions of files that are not read, as far as they are named."""
_BINARY = ("zip", "tar", "parquet", "warc")


def find_files(inputs: Iterable[AnyPath]) -> tuple[list[InputFile], dict[str, int]]:
    """The files of ``inputs`` in their order, a folder's by name; how many of each other extension there are.

    Raises:
        GauptError: a path that does not exist, a glob without a match, a folder without a readable file, a file that
            is named and of a format that is not read, or files that are all empty.
    """
    found: dict[str, InputFile] = {}
    skipped: dict[str, int] = {}
    given = [str(item) for item in inputs]
    if not given:
        raise GauptError("no input given; name files, folders or globs")
    for item in given:
        if not item.strip():  # the folder we are in, for `Path`; in truth a shell variable that is not set
            raise GauptError("an input is empty; name files, folders or globs")
        files = remote_files(item, skipped) if "://" in item else _local_files(item, skipped)
        for file in files:
            found.setdefault(file.path if "://" in file.path else str(Path(file.path).resolve()), file)
    files = _with_distinct_names(list(found.values()))
    if files and not any(file.size for file in files):
        raise GauptError(f"{', '.join(given)}: nothing to read, every file is empty")
    return files, skipped


def _local_files(item: str, skipped: dict[str, int]) -> list[InputFile]:
    paths = _expand(item)
    # What a glob matches is passed over as in a folder, if that leaves anything.
    foreign = [path for path in paths if foreign_by_name(path.name) and path.is_file()]
    if len(foreign) < len(paths):
        paths = [path for path in paths if not foreign_by_name(path.name) or path.is_dir()]
        for path in foreign:
            _count(path.name, skipped)
    return [file for path in paths for file in _files_of(path, item, skipped)]


def _count(name: str, skipped: dict[str, int]) -> None:
    extension = PurePath(name).suffix.lower() or "(none)"
    skipped[extension] = skipped.get(extension, 0) + 1


def count_of(skipped: Mapping[str, int]) -> str:
    """How many files of which extensions, the most frequent first: ``3 .docx, 2 .pdf``."""
    most = sorted(skipped, key=lambda extension: -skipped[extension])
    shown = [f"{skipped[extension]:,} {extension}" for extension in most[:_SHOWN]]
    others = sum(skipped[extension] for extension in most[_SHOWN:])
    return ", ".join([*shown, *([f"{others:,} others"] if others else [])])


def _expand(item: str) -> list[Path]:
    if Path(item).exists():
        return [Path(item)]
    if glob.has_magic(item):
        matches = sorted(glob.glob(item, recursive=True))
        if not matches:
            raise GauptError(f"{item} matches no file")
        return [Path(match) for match in matches]
    if item == "-":
        raise GauptError("standard input is not read; write it to a file and name that")
    near = difflib.get_close_matches(Path(item).name, _beside(Path(item)), n=1)
    meant = f"did you mean {Path(item).with_name(near[0])}?" if near else "name files, folders, globs or URLs"
    raise GauptError(f"{item} does not exist; {meant}")


def _beside(path: Path) -> list[str]:
    try:
        return os.listdir(path.parent)
    except OSError:
        return []


def _files_of(path: Path, item: str, skipped: dict[str, int]) -> list[InputFile]:
    kind = kind_of(path)
    if kind is not None and ((path / RECORD).is_file() or kind in ("demo", "prepared")):
        raise GauptError(
            f"{path} is {KINDS[kind].called}, not raw text; to clean it again, name the files in it that you mean"
        )
    if not path.is_dir():
        size = path.stat().st_size
        return [_named(str(path), PurePath(path.name), path.parent.resolve(), size)]
    children = ((str(p), p.relative_to(path), p.stat().st_size) for p in path.rglob("*") if p.is_file())
    return _of_folder(item, path.resolve(), children, skipped)


def remote_files(item: str, skipped: dict[str, int]) -> list[InputFile]:
    """The files of a URL of fsspec: one file, a folder or a glob.

    Raises:
        GauptError: fsspec or the file system's package is missing, or there is no such file.
    """
    try:
        import fsspec
    except ImportError:
        raise GauptError(f"reading {item} needs fsspec: pip install fsspec") from None
    try:
        system, path = fsspec.core.url_to_fs(item)
        if glob.has_magic(path):
            matches = system.glob(path, detail=True)
            if not matches:
                raise GauptError(f"{item} matches no file")
        else:
            info = system.info(path)
            matches = system.find(path, detail=True) if info["type"] == "directory" else {path: info}
        found = {name: int(info["size"] or 0) for name, info in matches.items() if info["type"] == "file"}
    except FileNotFoundError:
        raise GauptError(f"{item} does not exist") from None
    except ImportError as error:
        package = getattr(error.__cause__, "name", None)
        remedy = f"the package {package}: pip install {package}" if package else first_line(error)
        raise GauptError(f"reading {item} needs {remedy}") from None
    except Exception as error:  # every file system has errors of its own
        raise GauptError(f"cannot read {item}: {first_line(error)}") from None
    root = PurePosixPath(system._strip_protocol(path))
    if list(found) == [str(root)]:
        url = system.unstrip_protocol(str(root))
        return [_named(url, PurePosixPath(root.name), root.parent, found[str(root)])]
    children = (
        (
            system.unstrip_protocol(name),
            PurePosixPath(name).relative_to(root)
            if PurePosixPath(name).is_relative_to(root)
            else PurePosixPath(PurePosixPath(name).name),
            size,
        )
        for name, size in found.items()
    )
    return _of_folder(item, root, children, skipped)


def _named(path: str, name: PurePath, folder: PurePath, size: int) -> InputFile:
    """A file that was named is read whatever it is called, unless it is of a format that is known and not read."""
    file = recognize(path, name, folder, size)
    if (kind := foreign_by_name(name.name) if file is None else None) or (kind := _foreign(path, name, file)):
        raise GauptError(refusal(path, kind))
    if file is not None and (file.format != "mediawiki" or _may_be_export(file)):
        return file
    if file is None and (file := told_by_content(path, name, folder.name, size)) is not None:
        return file
    return InputFile(path, name.name, folder.name, "text", COMPRESSIONS.get(name.suffix.lower()), size)


def told_by_content(path: str, relative: PurePath, source: str, size: int) -> InputFile | None:
    """A file of records whose name tells no format; its documents are of ``source``."""
    stem, compression = uncompressed(relative.name)
    if not size or not may_hold_records(stem) or ("://" in path and stem.suffix):
        return None  # many files elsewhere are not opened for a chance
    name = readable_name(PurePosixPath(relative).as_posix())
    file = InputFile(path, name, source, "text", compression, size)
    try:
        with open_stream(file) as stream:
            format_ = format_of_content(stream, stem.suffix != "")
    except BROKEN:
        return None
    return None if format_ is None else replace(file, format=format_)


def _foreign(path: str, name: PurePath, file: InputFile | None) -> Foreign | None:
    """What the content of a file that is to be read as text tells that it is instead."""
    if file is not None and file.format in _BINARY:
        return None
    compression = file.compression if file is not None else COMPRESSIONS.get(name.suffix.lower())
    try:
        with open_stream(InputFile(path, name.name, "", "text", compression, 0)) as stream:
            return foreign_by_content(stream.read(HEAD))
    except BROKEN:
        return None  # the reader meets the same fault and reports it


def _may_be_export(file: InputFile) -> bool:
    try:
        with open_stream(file) as stream:
            return is_export(Utf8Lines(stream).read(0))
    except BROKEN:
        return True  # the reader meets the same fault and reports it


def _of_folder(
    item: str, root: PurePath, children: Iterable[tuple[str, PurePath, int]], skipped: dict[str, int]
) -> list[InputFile]:
    files, passed_over = [], dict[str, int]()
    for path, relative, size in sorted(children, key=lambda child: child[1].parts):
        if any(part.startswith(".") for part in relative.parts):
            continue
        file = recognize(path, relative, root, size) or told_by_content(path, relative, root.name, size)
        if file is None:
            _count(relative.name, passed_over)
        else:
            files.append(file)
    if not files:
        raise GauptError(
            f"{item} holds no file of a format that gaupt reads ({' '.join(FORMATS)}, "
            f"plain or {' '.join(COMPRESSIONS)})" + (f", but {count_of(passed_over)}" if passed_over else "")
        )
    for extension, count in passed_over.items():
        skipped[extension] = skipped.get(extension, 0) + count
    return files


def _with_distinct_names(files: list[InputFile]) -> list[InputFile]:
    """Call files of one name by their folders too, as far as tells them apart, in ids and in reports."""
    paths = [PurePath(f.path) if "://" in f.path else PurePath(Path(f.path).resolve()) for f in files]
    names = distinct_names(paths, [len(PurePosixPath(file.name).parts) for file in files])
    often = Counter(file.name for file in files)
    return [
        file if often[file.name] == 1 else replace(file, name=readable_name(name))
        for file, name in zip(files, names, strict=True)
    ]
