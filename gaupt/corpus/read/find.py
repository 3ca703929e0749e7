"""Which files to read: paths, folders, globs and URLs to a sorted list, the format told by name, else by content."""

import difflib
import errno
import glob
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath, PurePosixPath

from gaupt.corpus.read.content import format_of_content, may_hold_records
from gaupt.corpus.read.file import COMPRESSIONS, FORMATS, InputFile, recognize, uncompressed
from gaupt.corpus.read.foreign import HEAD, Foreign, foreign_by_content, foreign_by_name, refusal
from gaupt.corpus.read.mediawiki import is_export
from gaupt.corpus.read.names import readable_name
from gaupt.corpus.read.streams import BROKEN, Utf8Lines, open_stream
from gaupt.corpus.read.walk import BROKEN_LINK, NO_FILE, NO_FILES, expand, walk
from gaupt.errors import GauptError
from gaupt.files import AnyPath, check_plain, distinct_names, read_sealed_json
from gaupt.folders import KINDS, kind_of
from gaupt.remote import Remote, first_line, place
from gaupt.stage import RECORD

_SHOWN = 8
"""Extensions of files that are not read, as far as they are named."""
_NAMED = 3
"""Folders that a line names."""
_WHOLES = ("demo", "prepared")
"""Kinds of folders without a record of their own."""
_IN_WHOLES = ({"prepared", "run"}, {"clean", "tokenizer", "shards"})
_BINARY = ("zip", "tar", "parquet", "warc")


@dataclass
class _Search:
    """What is left out because gaupt writes or wrote it, and what else is passed over."""

    output: Path | None
    """Where the output folder really is."""
    parts: frozenset[Path]
    """What is written in it, where others may lay files too."""
    skipped: Counter[str] = field(default_factory=Counter)
    met: bool = False
    """Whether anything that this call writes was there already."""
    ours: list[str] = field(default_factory=list)
    """Other folders that gaupt wrote, as they are shown."""

    def left_out(self, start: Path) -> frozenset[Path]:
        """What is written by this call and may be met in a search that begins at ``start``."""
        if self.output is None or start.is_relative_to(self.output):
            return self.parts
        return frozenset({self.output})

    def leave(self, path: Path) -> None:
        """Remember a file or folder that is left out."""
        if (real := _real(path)) == self.output or real in self.parts:
            self.met = True
        else:
            self.ours.append(str(path))


def find_files(
    inputs: Iterable[AnyPath],
    output: AnyPath | None = None,
    parts: Iterable[str] = (),
    tell: Callable[[str], None] = lambda line: None,
) -> tuple[list[InputFile], dict[str, int]]:
    """The files of ``inputs`` in their order, a folder's by name; how many of each other extension there are.

    A path means the same however it is spelt, through a link too. The ``output`` folder is no input, so that it is the
    same input whether that is there already or not; of an output folder that holds input, the ``parts`` that are
    written are none. Nor are folders of gaupt inside of those that are given. ``tell`` hears of what is left out.

    Raises:
        GauptError: a path that does not exist or is no file, a glob without a match, a folder without a readable file,
            a file that is named and of a format that is not read, or is written by this call, or files that are all
            empty.
    """
    found: dict[str, InputFile] = {}
    given = [str(place(item)) if str(item).startswith("file://") else str(item) for item in inputs]
    if not given:
        raise GauptError("no input given; name files, folders or globs")
    real = None if output is None or isinstance(output, Remote) else _real(output)
    search = _Search(real, frozenset() if real is None else frozenset(real / part for part in parts))
    for item in given:
        if not item.strip():  # the folder we are in, for `Path`; in truth a shell variable that is not set
            raise GauptError("an input is empty; name files, folders or globs")
        if "://" in item:
            files = remote_files(item, search.skipped, output if isinstance(output, Remote) else None)
        elif len(given) > 1 and _is_output(item, search):
            search.met = True  # what the shell made of a glob
            continue
        else:
            files = _local_files(item, search)
        for file in files:
            found.setdefault(file.path if "://" in file.path else str(_real(file.path)), file)
    if not found:
        raise GauptError(f"no input but the output folder {output}; name files, folders or globs")
    written = search.parts or {search.output}
    for real_path, file in found.items():
        if "://" not in real_path and not written.isdisjoint(Path(real_path).parents):
            raise GauptError(f"{file.path} is in the output folder {output}; give another -o folder")
    if search.met:
        tell(f"{output} is in the input: what gaupt writes there is left out")
    if search.ours:
        shown = ", ".join(search.ours[:_NAMED]) + (", …" if len(search.ours) > _NAMED else "")
        tell(f"left out of the input, as gaupt wrote it: {shown}; name the files in it that you mean")
    files = _with_distinct_names(list(found.values()))
    if files and not any(file.size for file in files):
        raise GauptError(f"{', '.join(given)}: nothing to read, every file is empty")
    return files, dict(search.skipped)


def _real(path: AnyPath) -> Path:
    """Where a path leads; of links in a circle, one of them."""
    return Path(os.path.realpath(path))


def _is_output(item: str, search: _Search) -> bool:
    """Whether ``item`` is the output folder, and nothing in it is input."""
    if search.output is None or _real(item) != search.output or not Path(item).is_dir():
        return False
    shown = {_real(path) for path in Path(item).iterdir() if not path.name.startswith(".")}
    return not search.parts or shown <= search.parts


def _start(item: str) -> Path:
    """The folder in which the search for ``item`` begins."""
    if not glob.has_magic(item) or Path(item).exists():
        return _real(item)
    parts = Path(item).parts
    first = next(number for number, part in enumerate(parts) if glob.has_magic(part))
    return _real(Path(*parts[:first]))


def _local_files(item: str, search: _Search) -> list[InputFile]:
    paths = _expand(item)
    if paths != [Path(item)]:
        paths = [path for path in paths if _is_there(path, search.skipped)]
    if not paths:
        raise GauptError(f"{item} matches no file")
    if glob.has_magic(item) and (left_out := search.left_out(_start(item))):
        others = [path for path in paths if left_out.isdisjoint((real := _real(path), *real.parents))]
        search.met |= len(others) < len(paths)
        paths = others
        if not paths:
            raise GauptError(f"{item} matches no file but those of the output folder")
    # What a glob matches is passed over as in a folder, if that leaves anything.
    foreign = [path for path in paths if foreign_by_name(path.name) and path.is_file()]
    if len(foreign) < len(paths):
        paths = [path for path in paths if not foreign_by_name(path.name) or path.is_dir()]
        for path in foreign:
            search.skipped[_extension(path.name)] += 1
    return [file for path in paths for file in _files_of(path, item, search)]


def _is_there(path: Path, skipped: Counter[str]) -> bool:
    """Whether there is anything to read where a glob leads; what is no file is counted, as in a folder."""
    if path.is_file() or path.is_dir():
        return True
    skipped[NO_FILE if path.exists() else BROKEN_LINK] += 1
    return False


def _extension(name: str) -> str:
    return PurePath(name).suffix.lower() or "(none)"


def skipped_lines(skipped: Mapping[str, int]) -> list[str]:
    """What is said of files that are passed over: a line for other formats, one for what is no file."""
    formats = {name: count for name, count in skipped.items() if name not in NO_FILES}
    others = {name: count for name, count in skipped.items() if name in NO_FILES}
    lines = [f"skipped {count_of(formats)}: no format that gaupt reads"] if formats else []
    return [*lines, f"skipped {count_of(others)}: no file that can be read"] if others else lines


def count_of(skipped: Mapping[str, int]) -> str:
    """How many files of which extensions, the most frequent first: ``3 .docx, 2 .pdf``."""
    most = sorted(skipped, key=lambda extension: -skipped[extension])
    shown = [f"{skipped[extension]:,} {extension}" for extension in most[:_SHOWN]]
    others = sum(skipped[extension] for extension in most[_SHOWN:])
    return ", ".join([*shown, *([f"{others:,} others"] if others else [])])


def _expand(item: str) -> list[Path]:
    path = Path(item)
    if path.exists():
        return [path]
    if path.is_symlink():
        raise GauptError(
            f"{item} is a link to {path.readlink()}, {_nowhere(path)}; name files, folders or globs"
        )
    if glob.has_magic(item):
        return [*map(Path, expand(item))]
    if item == "-":
        raise GauptError("standard input is not read; write it to a file and name that")
    near = difflib.get_close_matches(path.name, _beside(path), n=1)
    meant = f"did you mean {path.with_name(near[0])}?" if near else "name files, folders, globs or URLs"
    raise GauptError(f"{item} does not exist; {meant}")


def _nowhere(link: Path) -> str:
    """Why a link leads to no file."""
    try:
        link.stat()
    except OSError as error:
        return "which leads back to itself" if error.errno == errno.ELOOP else "which does not exist"
    return "which does not exist"


def _beside(path: Path) -> list[str]:
    try:
        return os.listdir(path.parent)
    except OSError:
        return []


def _files_of(path: Path, item: str, search: _Search) -> list[InputFile]:
    kind = kind_of(path) if path.is_dir() else None
    if (
        kind is not None
        and ((path / RECORD).is_file() or kind in _WHOLES)
        and not (search.parts and _real(path) == search.output)
    ):
        raise GauptError(
            f"{path} is {KINDS[kind].called}, not raw text; to clean it again, name the files in it that you mean"
        )
    if path.is_dir():
        real, passed_over = _real(path), Counter[str]()
        children = walk(path, search.left_out(real), _is_ours, passed_over, search.leave)
        return _of_folder(item, real, children, search.skipped, passed_over)
    check_plain(path)
    named = _where_it_is(path)
    return [_named(str(path), PurePath(named.name), _real(named.parent), path.stat().st_size)]


def _where_it_is(path: Path) -> Path:
    """The real place of a file that is named through a link, so that the link's name decides nothing.

    A store that calls files by what they hold has the format in the names of its links alone: then that counts.
    """
    real = _real(path)
    (named, compression), (stem, real_compression) = uncompressed(path.name), uncompressed(real.name)
    format_ = FORMATS.get(named.suffix.lower())
    if format_ in (None, FORMATS.get(stem.suffix.lower())) and compression in (None, real_compression):
        return real
    return path


def _is_ours(folder: Path, names: Collection[str]) -> bool:
    """Whether gaupt wrote, or writes, a folder in which there are these ``names``."""
    if RECORD in names:
        try:
            return "stage" in read_sealed_json(folder / RECORD)
        except (OSError, ValueError):
            return False  # a file of the user's own that is called so
    return any(folder_names <= {*names} for folder_names in _IN_WHOLES) and kind_of(folder) in _WHOLES


def remote_files(item: str, skipped: Counter[str], output: Remote | None = None) -> list[InputFile]:
    """The files of a URL of fsspec: one file, a folder or a glob; those in the ``output`` folder are left out.

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
    if output is not None and str(output).startswith(item.partition("://")[0] + "://"):
        written = str(system._strip_protocol(str(output)))
        if written != str(root):
            found = {name: size for name, size in found.items() if not name.startswith(f"{written}/")}
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
    return _of_folder(item, root, children, skipped, Counter())


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
    item: str,
    root: PurePath,
    children: Iterable[tuple[str, PurePath, int]],
    skipped: Counter[str],
    passed_over: Counter[str],
) -> list[InputFile]:
    files = []
    for path, relative, size in sorted(children, key=lambda child: child[1].parts):
        if any(part.startswith(".") for part in relative.parts):
            continue
        file = recognize(path, relative, root, size) or told_by_content(path, relative, root.name, size)
        if file is None:
            passed_over[_extension(relative.name)] += 1
        else:
            files.append(file)
    if not files:
        raise GauptError(
            f"{item} holds no file of a format that gaupt reads ({' '.join(FORMATS)}, "
            f"plain or {' '.join(COMPRESSIONS)})" + (f", but {count_of(passed_over)}" if passed_over else "")
        )
    skipped.update(passed_over)
    return files


def _with_distinct_names(files: list[InputFile]) -> list[InputFile]:
    """Call files of one name by their folders too, as far as tells them apart, in ids and in reports."""
    paths = [PurePath(f.path) if "://" in f.path else PurePath(_real(f.path)) for f in files]
    names = distinct_names(paths, [len(PurePosixPath(file.name).parts) for file in files])
    often = Counter(file.name for file in files)
    return [
        file if often[file.name] == 1 else replace(file, name=readable_name(name))
        for file, name in zip(files, names, strict=True)
    ]
