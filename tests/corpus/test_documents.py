import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaupt.config import CleanConfig, Config, to_toml
from gaupt.corpus.documents import (
    SOURCES_TOLD,
    Document,
    check_file,
    cleaning_of,
    document_files,
    document_line,
    inputs_of,
    read_documents,
    read_slice,
    sample_texts,
    told_of,
    verify,
)
from gaupt.errors import GauptError
from gaupt.files import read_json, sha256, write_json
from gaupt.seal import close
from gaupt.stage import CONFIG, RECORD
from tests.made_documents import make_documents, write_documents

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.slow
@given(TEXT, TEXT, TEXT)
def test_a_line_is_the_document_as_json(id_: str, text: str, source: str) -> None:
    line = document_line(id_, text, source)
    assert json.loads(line) == {"id": id_, "text": text, "source": source}
    assert line.count(b"\n") == 1 and line.endswith(b"\n")


def test_a_folder_is_read_file_by_file(documents: Path) -> None:
    assert len(document_files(documents)) == 3
    assert [d.id for d in read_documents(documents)][:3] == ["d0", "d3", "d6"]
    assert next(read_documents(str(document_files(documents)[0]))).id == "d0"


def test_slices_hold_each_document_once(tmp_path: Path) -> None:
    path = tmp_path / "documents-00000.jsonl.zst"
    write_documents(path, [Document(str(n), "字" * n, "s") for n in range(20)])
    slices = (read_slice(path, first, first + 100) for first in range(0, 3000, 100))
    assert [d.id for part in slices for d in part] == [str(n) for n in range(20)]


def test_what_is_missing_or_damaged_is_named(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match="does not exist"):
        document_files(tmp_path / "nowhere")
    with pytest.raises(GauptError, match="is empty, not a folder of gaupt clean"):
        document_files(tmp_path)
    (tmp_path / "report.json").write_text("{}")
    with pytest.raises(GauptError, match="holds no documents"):
        document_files(tmp_path)
    folder = make_documents(tmp_path / "clean", count=30)
    assert list(verify(folder)) == ["", "", ""]
    file = document_files(folder)[1]
    file.write_bytes(file.read_bytes()[:-9])
    good, damaged, _ = verify(folder)
    assert good == "" and file.name in damaged and "--overwrite" in damaged


def test_a_folder_that_lists_its_files_is_known_by_the_list_and_one_that_does_not_by_its_files(
    tmp_path: Path,
) -> None:
    folder = make_documents(tmp_path / "clean", count=30)
    assert inputs_of(folder) == {file.name: file.resolve() for file in document_files(folder)}
    close(folder, "report.json", b"{}", ["*"])
    assert inputs_of(folder) == {file.name: sha256(file) for file in document_files(folder)}
    assert list(verify(folder)) == [""] * 5


def test_a_listed_file_that_is_gone_or_another_is_named(tmp_path: Path) -> None:
    folder = make_documents(tmp_path / "clean", count=30)
    close(folder, "report.json", b"{}", ["*"])
    one, two, _ = document_files(folder)
    check_file(one)
    whole = one.read_bytes()
    one.write_bytes(whole[:-1] + b"?")
    assert len(document_files(folder)) == 3  # which takes no time
    with pytest.raises(GauptError, match=r"documents-00000\.jsonl\.zst is damaged: its sha256"):
        check_file(one)
    assert [problem for problem in verify(folder) if problem] == [
        f"{one} is damaged: its sha256 is not the recorded one"
    ]
    for change in (lambda: one.write_bytes(b""), one.unlink):
        change()
        with pytest.raises(
            GauptError, match=r"documents-00000\.jsonl\.zst is (missing|damaged: it has 0 bytes)"
        ):
            document_files(folder)
    check_file(two)
    one.write_bytes(whole)
    (folder / "report.json").write_text("{")
    with pytest.raises(GauptError, match=r"report\.json is damaged"):
        document_files(folder)


def test_a_folder_of_gaupt_clean_that_lost_its_list_is_refused(tmp_path: Path) -> None:
    folder = make_documents(tmp_path / "clean", count=30)
    (folder / RECORD).write_text("{}")
    with pytest.raises(GauptError, match=r"files\.json is missing; copy the folder again"):
        inputs_of(folder)


def test_how_documents_were_cleaned_stands_beside_them(tmp_path: Path) -> None:
    assert cleaning_of(tmp_path) == CleanConfig()
    cleaned = Config(clean=CleanConfig(traditional="keep"))
    (tmp_path / CONFIG).write_text(to_toml(cleaned))
    assert cleaning_of(tmp_path) == cleaned.clean


def test_what_is_told_of_a_corpus_is_what_its_report_says(prepared: Path, tmp_path: Path) -> None:
    report, told = read_json(prepared / "clean" / "report.json"), told_of(prepared / "clean")
    assert {name: told[name] for name in ("read", "kept", "dropped")} == {
        name: report[name] for name in ("read", "kept", "dropped")
    }
    assert (told["bytes"], told["chinese"]) == (report["bytes"]["after"], report["chinese"]["after"])
    sizes = [source["bytes"] for source in told["sources"].values()]
    assert sizes == sorted(sizes, reverse=True) and sum(sizes) == told["bytes"]
    assert told["more_sources"] == 0
    assert told_of(tmp_path) == {}
    write_json(tmp_path / "report.json", {"kept": 300})
    assert told_of(tmp_path) == {}


@pytest.mark.parametrize(("count", "more"), [(SOURCES_TOLD, 0), (SOURCES_TOLD + 1, 1)])
def test_of_many_sources_the_largest_are_told(count: int, more: int, prepared: Path, tmp_path: Path) -> None:
    report = read_json(prepared / "clean" / "report.json")
    sources = {f"s{number}": {"kept": 1, "bytes": {"after": number}} for number in range(count)}
    write_json(tmp_path / "report.json", report | {"sources": sources})
    told = told_of(tmp_path)
    assert (len(told["sources"]), told["more_sources"]) == (SOURCES_TOLD, more)
    assert next(iter(told["sources"])) == f"s{count - 1}"


def test_a_sample_of_the_texts_says_how_many_times_it_the_whole_is(tmp_path: Path) -> None:
    folder = make_documents(tmp_path / "clean")
    whole = [document.text for document in read_documents(folder)]
    write_json(folder / "report.json", {"bytes": {"after": sum(len(text.encode()) for text in whole)}})
    texts = sample_texts(folder, 3_000)
    assert 3_000 <= sum(len(text) for _, text in texts) < 5_000
    assert {text for _, text in texts} <= set(whole)
    assert sum(weight * len(text) for weight, text in texts) == pytest.approx(sum(map(len, whole)), rel=0.05)
    # A folder of another program does not say how much there is: its files do, roughly.
    write_json(folder / "report.json", {"kept": 300})
    assert sum(weight * len(text) for weight, text in sample_texts(folder)) > 0
