"""Which files are read: paths, folders, globs and URLs."""

import gzip
import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from gaupt.corpus.read.file import InputFile
from gaupt.corpus.read.find import count_of, find_files, skipped_lines
from gaupt.corpus.read.piece import Record
from gaupt.errors import GauptError
from gaupt.remote import place
from tests.corpus.made import OTHER, TEXT, items, json_line, kept, run
from tests.corpus.read.dumps import BODY, dump


def names(*inputs: object) -> list[str]:
    return [file.name for file in find_files([str(item) for item in inputs])[0]]


def made(folder: Path, *paths: str) -> Path:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(TEXT)
    return folder


def documents(source: str, output: Path) -> dict[str, str]:
    run([source], output)
    return kept(output)


@pytest.mark.slow
def test_urls(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    memory.pipe("/bucket/sub/a.jsonl", json_line(TEXT))
    memory.pipe("/bucket/b.txt", OTHER.encode())
    expected = {TEXT, OTHER}
    assert set(documents("memory://bucket", tmp_path / "folder").values()) == expected
    assert set(documents("memory://bucket/**/*.jsonl", tmp_path / "glob").values()) == {TEXT}
    assert documents("memory://bucket/b.txt", tmp_path / "one") == {"b.txt": OTHER}
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "c.txt").write_text(TEXT)
    assert set(documents(f"file://{tmp_path}/in", tmp_path / "local").values()) == {TEXT}
    with pytest.raises(GauptError, match="does not exist"):
        find_files(["memory://bucket/missing.txt"])
    with pytest.raises(GauptError, match="nosuch"):
        find_files(["nosuch://bucket/a.txt"])


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name_is_not_the_folder_we_are_in(name: str) -> None:
    with pytest.raises(GauptError, match="an input is empty"):
        find_files([name])


def test_a_glob_without_a_match(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match="matches no file"):
        find_files([str(tmp_path / "*.txt")])


def test_inputs_come_in_the_order_given_and_a_folder_by_name(tmp_path: Path) -> None:
    folder = made(tmp_path / "in", "b.txt", "a.txt", "a/z.txt", "a/b/c.txt", "a-b.txt")
    last = made(tmp_path, "0.txt") / "0.txt"
    expected = ["a/b/c.txt", "a/z.txt", "a-b.txt", "a.txt", "b.txt"]
    assert names(folder, last) == [*expected, "0.txt"]
    assert names(last, folder) == ["0.txt", *expected]


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made(tmp_path / "in", "a.txt", "b.txt")
    (tmp_path / "link.txt").symlink_to(folder / "a.txt")
    monkeypatch.chdir(tmp_path)
    assert names(folder / "b.txt", folder, "in/a.txt", "in/*.txt", tmp_path / "link.txt") == [
        "b.txt",
        "a.txt",
    ]


def test_hidden_files_are_passed_over_and_other_kinds_counted(tmp_path: Path) -> None:
    folder = made(tmp_path, "a.txt", ".b.txt", ".git/c.txt", "d/.e/f.txt", "g.PNG", "h.png", "i", "j.png.gz")
    files, skipped = find_files([folder])
    assert [file.name for file in files] == ["a.txt"]
    assert skipped == {".png": 2, "(none)": 1, ".gz": 1}


def test_what_is_named_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    path = tmp_path / "notes.old.gz"
    path.write_bytes(gzip.compress(TEXT.encode()))
    size = path.stat().st_size
    expected = InputFile(str(path), path.name, tmp_path.name, "text", "gz", size)
    assert find_files([path]) == ([expected], {})
    assert items(path) == [Record("notes.old.gz", TEXT, tmp_path.name)]


ARTICLE = f'<doc id="57" url="x" title="桥">\n桥\n\n{OTHER}\n</doc>\n'


@pytest.mark.parametrize("packed", [False, True])
def test_records_in_files_without_an_extension_are_read(tmp_path: Path, packed: bool) -> None:
    folder = made(tmp_path / "wiki", "notes.log", "README", "AA/data.bin")
    (folder / "c.dat").write_bytes(json_line(TEXT))
    (folder / "d.train").write_bytes(json_line(TEXT))
    (folder / "picture").write_bytes(b"\x89PNG" + bytes(99))
    article = b'{"id": "53", "text": "' + TEXT.encode() + b'"}\n'
    for name, data in (("AA/wiki_00", article + json_line(OTHER)), ("AB/wiki_00", ARTICLE.encode())):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / f"{name}.gz" if packed else folder / name).write_bytes(
            gzip.compress(data) if packed else data
        )
    files, skipped = find_files([folder])
    end = ".gz" if packed else ""
    assert [(file.name, file.source, file.format) for file in files] == [
        (f"AA/wiki_00{end}", "wiki", "jsonl"),
        (f"AB/wiki_00{end}", "wiki", "wikiextractor"),
        ("d.train", "wiki", "jsonl"),
    ]
    assert skipped == {".log": 1, "(none)": 2, ".bin": 1, ".dat": 1}
    assert items(folder / f"AA/wiki_00{end}") == [
        Record("53", TEXT, "AA"),
        Record(f"wiki_00{end}:2", OTHER, "AA"),
    ]
    assert items(folder / f"AB/wiki_00{end}") == [Record("57", f"桥\n\n{OTHER}", "AB")]
    assert items(folder / "README") == [Record("README", TEXT, "wiki")]


def test_an_object_that_lacks_a_text_is_a_record_where_no_extension_says_otherwise(tmp_path: Path) -> None:
    for name in ("part-00000", "part.train"):
        (tmp_path / name).write_bytes(b'{"id": 5}\n')
    files, skipped = find_files([tmp_path])
    assert [(file.name, file.format) for file in files] == [("part-00000", "jsonl")]
    assert skipped == {".train": 1}


def test_a_file_of_a_url_is_told_by_content_where_it_has_no_extension(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    for name in ("part-00000", "part.train"):
        memory.pipe(f"/{tmp_path.name}/{name}", json_line(TEXT))
    files, skipped = find_files([f"memory://{tmp_path.name}"])
    assert [(file.name, file.format) for file in files] == [("part-00000", "jsonl")]
    assert skipped == {".train": 1}


def test_xml_that_is_named_is_a_dump_or_a_text(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.xml").write_text(f"<rss><item>{BODY}</item></rss>")
    (folder / "b.xml").write_bytes(dump(1))
    (folder / "c.xml").write_bytes(dump(1).decode().encode("utf-16"))
    (folder / "d.xml.gz").write_bytes(b"no gzip at all")  # the reader is the one to say so
    assert items(folder / "a.xml") == [Record("a.xml", f"<rss><item>{BODY}</item></rss>", "in")]
    formats = [find_files([folder / name])[0][0].format for name in ("b.xml", "c.xml", "d.xml.gz")]
    assert formats == ["mediawiki"] * 3


def test_files_of_one_name_are_called_by_their_folders_too(tmp_path: Path) -> None:
    one, two = made(tmp_path / "one", "a.jsonl", "b.jsonl"), made(tmp_path / "two", "a.jsonl")
    files, _ = find_files([one, two])
    assert [file.name for file in files] == ["one/a.jsonl", "b.jsonl", "two/a.jsonl"]
    assert [file.source for file in files] == ["a", "b", "a"]


def test_a_glob_goes_into_folders_and_a_name_with_its_marks_is_a_name(tmp_path: Path) -> None:
    folder = made(tmp_path, "a.txt", "x/y/b.txt", "[1].txt", "1.txt")
    assert sorted(names(folder / "**" / "*.txt")) == ["1.txt", "[1].txt", "a.txt", "b.txt"]
    assert names(folder / "[1].txt") == ["[1].txt"]
    assert names(folder / "[12].txt") == ["1.txt"]
    assert names(folder / "x*") == ["y/b.txt"]


def test_a_file_of_a_format_that_is_not_read_is_refused_by_name_and_by_content(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_text(TEXT)
    (tmp_path / "b.txt").write_bytes(b"%PDF-1.7\n" + TEXT.encode())
    (tmp_path / "c.txt.gz").write_bytes(gzip.compress(b"{\\rtf1 " + TEXT.encode()))
    (tmp_path / "d").write_bytes(b"Rar!\x1a\x07\x01\0")
    for name, message in (
        ("a.docx", r"a.docx: a Word document is not read; save it as text \(pandoc"),
        ("b.txt", "b.txt: a PDF is not read; name it .*b.pdf and extract its text"),
        ("c.txt.gz", "a rich text document is not read"),
        ("d", "d: a RAR archive is not read; unpack it and name the folder"),
    ):
        with pytest.raises(GauptError, match=message) as error:
            find_files([tmp_path / name])
        assert "\n" not in str(error.value)


def test_in_folders_and_globs_they_are_passed_over(tmp_path: Path) -> None:
    folder = made(tmp_path, "a.txt", "b.pdf", "c.pdf", "d.docx")
    for item in (folder, folder / "*"):
        files, skipped = find_files([item])
        assert [file.name for file in files] == ["a.txt"]
        assert skipped == {".pdf": 2, ".docx": 1}
    with pytest.raises(GauptError, match=r"b\.pdf: a PDF is not read"):
        find_files([folder / "*.pdf"])
    (folder / "a.txt").unlink()
    with pytest.raises(GauptError, match=r"gaupt reads \(.*\), but 2 \.pdf, 1 \.docx$"):
        find_files([folder])


def test_the_count_of_what_is_passed_over_names_the_most_frequent() -> None:
    assert count_of({".png": 2, ".pdf": 1_000}) == "1,000 .pdf, 2 .png"
    assert count_of({f".{n}": 1 for n in range(10)}) == ", ".join(f"1 .{n}" for n in range(8)) + ", 2 others"


def test_a_folder_in_the_working_folder_is_a_source_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(made(tmp_path / "books", "a.txt"))
    for item in (".", "a.txt"):
        assert [file.source for file in find_files([item])[0]] == ["books"]


def test_nothing_to_read_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("a.txt", "b.jsonl"):
        (tmp_path / name).write_bytes(b"")
    for inputs, message in (
        ([], "no input given"),
        ([str(tmp_path / "missing.txt")], "missing.txt does not exist"),
        ([str(tmp_path / "empty")], "holds no file of a format that gaupt reads"),
        ([str(tmp_path)], "nothing to read, every file is empty"),
    ):
        with pytest.raises(GauptError, match=message) as error:
            find_files(inputs)
        assert "\n" not in str(error.value)
    (tmp_path / "b.jsonl").write_bytes(json_line(TEXT))
    assert [file.size > 0 for file in find_files([tmp_path])[0]] == [False, True]


def test_urls_and_paths_give_the_same_names(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    made(tmp_path, "a.txt", "sub/b.txt", ".c.txt", "d.bin")
    memory = fsspec.filesystem("memory")
    for path in ("a.txt", "sub/b.txt", ".c.txt", "d.bin"):
        memory.pipe(f"/{tmp_path.name}/{path}", TEXT.encode())
    local, remote = find_files([tmp_path]), find_files([f"memory://{tmp_path.name}"])
    assert remote[1] == local[1] == {".bin": 1}
    for a, b in zip(local[0], remote[0], strict=True):
        assert (a.name, a.source, a.format, a.size) == (b.name, b.source, b.format, b.size)
    with pytest.raises(GauptError, match="matches no file"):
        find_files([f"memory://{tmp_path.name}/*.jsonl"])


@pytest.mark.parametrize(("url", "package"), [("s3://bucket/a", "s3fs"), ("gs://bucket/a", "gcsfs")])
def test_a_file_system_whose_package_is_missing_says_how_to_get_it(url: str, package: str) -> None:
    pytest.importorskip("fsspec")
    if find_spec(package):
        pytest.skip(f"{package} is installed")
    with pytest.raises(
        GauptError, match=f"reading {url} needs the package {package}: pip install {package}$"
    ):
        find_files([url])


def test_a_path_that_does_not_exist_is_told_with_what_may_be_meant(tmp_path: Path) -> None:
    made(tmp_path, "news.txt", "poems.txt")
    for item, message in (
        ("new.txt", "new.txt does not exist; did you mean .*news.txt\\?$"),
        ("12345", "12345 does not exist; name files, folders, globs or URLs$"),
        ("no/news.txt", "news.txt does not exist; name files, folders, globs or URLs$"),
    ):
        with pytest.raises(GauptError, match=message):
            find_files([tmp_path / item])
    with pytest.raises(GauptError, match=r"^standard input is not read"):
        find_files(["-"])


def test_relative_paths_to_files_of_one_name_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path / "one", "a.txt")
    made(tmp_path / "two", "a.txt")
    monkeypatch.chdir(tmp_path / "one")
    assert names("a.txt", "../two/a.txt") == ["one/a.txt", "two/a.txt"]


def test_what_gaupt_wrote_is_not_raw_text_but_its_files_can_be_named(tmp_path: Path) -> None:
    made(tmp_path / "in", "a.txt")
    run([str(tmp_path / "in")], tmp_path / "out")
    with pytest.raises(GauptError, match="out is a folder of gaupt clean, not raw text"):
        find_files([tmp_path / "out"])
    assert names(tmp_path / "out" / "documents-*.jsonl.zst") == ["documents-00000.jsonl.zst"]
    for name, files in (
        ("demo", ("prepared/clean/report.json", "run/x")),
        ("prepared", ("clean/report.json", "tokenizer/x", "shards/x")),
    ):
        with pytest.raises(GauptError, match=f"{name} is a folder of gaupt (demo|prepare), not raw text"):
            find_files([made(tmp_path / name, *files)])
    made(tmp_path / "in", "report.json")  # one of the user's own
    assert names(tmp_path / "in") == ["a.txt", "report.json"]


def told(folder: Path, output: Path, *parts: str) -> tuple[list[str], list[str]]:
    """Names of the files found in ``folder`` by a call that writes ``output``, and what is said."""
    said = list[str]()
    files, _ = find_files([folder], output, parts, said.append)
    return [file.name for file in files], said


def test_the_output_folder_is_no_input_whether_it_is_there_or_not(tmp_path: Path) -> None:
    folder, output = made(tmp_path / "in", "a.txt", "b/c.txt"), tmp_path / "in" / "out"
    (tmp_path / "link").symlink_to("in")
    assert told(folder, output) == (["a.txt", "b/c.txt"], [])
    made(output, "documents.jsonl", "work/x.txt")
    line = "out is in the input: what gaupt writes there is left out"
    for spelling in (folder, tmp_path / "link", folder / ".." / "in", folder / "*", folder / "**" / "*.txt"):
        found, (said,) = told(spelling, tmp_path / "link" / "out")
        assert {Path(name).name for name in found} == {"a.txt", "c.txt"} and said.endswith(line)


def test_of_an_output_folder_that_holds_the_input_only_what_is_written_is_left_out(tmp_path: Path) -> None:
    folder = made(tmp_path / "in", "a.txt", "clean/b.txt", "report.json")
    assert told(folder, folder, "clean", "report.json")[0] == ["a.txt"]
    assert told(folder / "*.*", folder, "clean", "report.json")[0] == ["a.txt"]
    with pytest.raises(GauptError, match=r"b\.txt is in the output folder .*in; give another -o folder"):
        find_files([folder / "clean" / "b.txt"], folder, ["clean"])


def test_an_output_folder_that_the_shell_names_beside_other_input_is_left_out(tmp_path: Path) -> None:
    folder = made(tmp_path / "in", "a.txt", "out/b.txt")
    for parts in ((), ("b.txt",)):
        said = list[str]()
        files, _ = find_files([folder / "a.txt", folder / "out"], folder / "out", parts, said.append)
        assert [file.name for file in files] == ["a.txt"] and len(said) == 1
    with pytest.raises(GauptError, match=r"b\.txt is in the output folder"):
        find_files([folder / "out"], folder / "out")
    with pytest.raises(GauptError, match="no input but the output folder"):
        find_files([folder / "out", folder / "out"], folder / "out")
    with pytest.raises(GauptError, match="matches no file but those of the output folder"):
        find_files([folder / "*" / "b.*"], folder / "out")


def test_folders_of_gaupt_inside_of_the_input_are_left_out(tmp_path: Path) -> None:
    folder = made(tmp_path / "in", "a.txt", "mine/stage.json")
    run([folder / "a.txt"], folder / "earlier")
    found, (said,) = told(folder, tmp_path / "out")
    assert found == ["a.txt", "mine/stage.json"]
    assert "as gaupt wrote it" in said and said.count("earlier") == 1


def test_a_url_of_the_output_is_no_input(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    for name in ("a.txt", "out/b.txt"):
        memory.pipe(f"/{tmp_path.name}/{name}", TEXT.encode())
    files, _ = find_files([f"memory://{tmp_path.name}"], place(f"memory://{tmp_path.name}/out"))
    assert [file.name for file in files] == ["a.txt"]


def test_a_path_means_the_same_however_it_is_spelt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made(tmp_path / "in", "a.txt", "sub/b.txt")
    (tmp_path / "link").symlink_to("in")
    (tmp_path / "other.txt").symlink_to("in/a.txt")
    (tmp_path / "latest").symlink_to("in/a.txt")
    monkeypatch.chdir(tmp_path)
    spellings = {
        ("a.txt", "in"): ["in/a.txt", "./in/a.txt", f"{folder}/a.txt", "link/a.txt", "other.txt", "latest"],
        ("sub/b.txt", "sub"): ["in", "in/", "link", "link/", "./in/../link", str(folder), f"file://{folder}"],
    }
    for known, paths in spellings.items():
        for path in paths:
            assert known in [(file.name, file.source) for file in find_files([path])[0]], path


def test_a_store_that_calls_files_by_their_content_has_the_format_in_the_link(tmp_path: Path) -> None:
    made(tmp_path, "blobs/abcdef")
    (tmp_path / "train.jsonl").symlink_to("blobs/abcdef")
    (file,) = find_files([tmp_path / "train.jsonl"])[0]
    assert (file.name, file.format, file.source) == ("train.jsonl", "jsonl", "train")


def test_links_to_nothing_and_what_is_no_file_are_one_line_or_counted(tmp_path: Path) -> None:
    folder = made(tmp_path / "in", "a.txt")
    (folder / "nowhere").symlink_to("missing")
    (folder / "one").symlink_to("two")
    (folder / "two").symlink_to("one")
    (folder / "up").symlink_to("..")
    os.mkfifo(folder / "pipe")
    for name, message in (
        ("nowhere", "nowhere is a link to missing, which does not exist; name files"),
        ("one", "one is a link to two, which leads back to itself; name files"),
        ("pipe", "pipe is a pipe or a device; write what comes out of it to a file and name that"),
    ):
        with pytest.raises(GauptError, match=message):
            find_files([folder / name])
    with pytest.raises(GauptError, match="/dev/zero is a pipe or a device"):
        find_files(["/dev/zero"])
    files, skipped = find_files([folder / "[!u]*"])
    assert [file.name for file in files] == ["a.txt"]
    assert skipped == {"(broken link)": 3, "(pipe or device)": 1}
    with pytest.raises(GauptError, match="matches no file"):
        find_files([folder / "now*"])
    files, skipped = find_files([folder])
    assert [file.name for file in files] == ["a.txt"]
    assert skipped == {"(broken link)": 3, "(link to a folder)": 1, "(pipe or device)": 1}
    assert skipped_lines(skipped | {".pdf": 2}) == [
        "skipped 2 .pdf: no format that gaupt reads",
        "skipped 3 (broken link), 1 (pipe or device), 1 (link to a folder): no file that can be read",
    ]
    (folder / "a.txt").unlink()
    with pytest.raises(GauptError, match=r"but 3 \(broken link\)"):
        find_files([folder])
