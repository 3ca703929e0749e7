from pathlib import Path
from typing import Any

import pytest

from gaupt.config import CleanConfig
from gaupt.corpus import clean_parts as module
from gaupt.corpus.clean_parts import PARTS, SECTIONS, clean_parts, finished_parts
from gaupt.corpus.read.find import find_files
from gaupt.files import read_json
from gaupt.progress import Progress
from gaupt.workers import local_crew
from tests.corpus.made import PROSE, jsonl, text


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "part_bytes", lambda files: 100_000)


@pytest.fixture(params=[module.ENOUGH, 0], ids=["cut here", "cut by workers"])
def enough(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ENOUGH", request.param)


def write_input(folder: Path) -> Path:
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(jsonl(range(900)))
    (folder / "b.txt").write_text(text(900))
    (folder / "c.txt").write_text(text(901))
    return folder


def run(source: Path, work: Path) -> None:
    with local_crew(1) as crew:
        clean_parts(find_files([source])[0], CleanConfig(), work, crew, Progress(quiet=True))


def texts(work: Path) -> list[str]:
    return [
        found for part, record in finished_parts(work) for found in part.kept_texts(range(record.documents))
    ]


@pytest.mark.usefixtures("enough")
def test_the_parts_hold_all_of_the_input_in_order(tmp_path: Path) -> None:
    run(write_input(tmp_path / "in"), tmp_path / "work")
    assert texts(tmp_path / "work") == [text(n) for n in range(902)]
    names = [part.name for part, _ in finished_parts(tmp_path / "work")]
    assert names == ["000000-00000", "000000-00001", "000001-00000"]
    sections = sorted((tmp_path / "work" / SECTIONS).glob("*.json"))
    assert [(path.stem, read_json(path)["parts"]) for path in sections] == [("000000", 2), ("000001", 1)]


@pytest.mark.parametrize("order", [(module.ENOUGH, 0), (0, module.ENOUGH)], ids=["here first", "here last"])
def test_who_continues_may_cut_otherwise_than_who_began(
    order: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, work = write_input(tmp_path / "in"), tmp_path / "work"
    for enough in order:
        monkeypatch.setattr(module, "ENOUGH", enough)
        run(source, work)
        assert texts(work) == [text(n) for n in range(902)]
        (work / PARTS / "000000-00001.json").unlink()
        for record in (work / "whole").glob("000000.json"):
            record.unlink()
    run(source, work)
    assert texts(work) == [text(n) for n in range(902)]


@pytest.mark.usefixtures("enough")
@pytest.mark.parametrize("lost", ["000000-00001", "000001-00000"])
def test_what_is_done_is_not_done_again(lost: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, calls, real = write_input(tmp_path / "in"), list[str](), module.clean_part

    def clean_part(part: Any, *others: Any) -> Any:
        calls.append(part.name)
        return real(part, *others)

    monkeypatch.setattr(module, "clean_part", clean_part)
    run(source, tmp_path / "work")
    assert sorted(calls) == ["000000-00000", "000000-00001", "000001-00000"]
    calls.clear()
    run(source, tmp_path / "work")
    assert calls == []
    (tmp_path / "work" / PARTS / f"{lost}.json").unlink()
    (tmp_path / "work" / SECTIONS / f"{lost[:6]}.json").unlink()
    (tmp_path / "work" / "whole" / f"{lost[:6]}.json").unlink(missing_ok=True)
    run(source, tmp_path / "work")
    assert calls == [lost]
    assert texts(tmp_path / "work") == [text(n) for n in range(902)]


def test_a_finished_section_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_input(tmp_path / "in")
    run(source, tmp_path / "work")
    monkeypatch.setattr(module, "cut", lambda *arguments: 1 // 0)
    run(source, tmp_path / "work")
    (tmp_path / "work" / PARTS / "000001-00000.json").unlink()
    with pytest.raises(ZeroDivisionError):
        run(source, tmp_path / "work")


def test_progress_tells_what_was_done_before(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_input(tmp_path / "in")
    (source / "d.txt").write_text(PROSE)
    run(source, tmp_path / "work")
    told = list[tuple[int, str]]()

    class Told(Progress):
        def task(self, *arguments: Any, **options: Any) -> Any:
            from contextlib import nullcontext

            told.append((arguments[1], "all"))
            return nullcontext(lambda amount, note="": told.append((amount, note)))

    with local_crew(1) as crew:
        clean_parts(find_files([source])[0], CleanConfig(), tmp_path / "work", crew, Told(quiet=True))
    total = sum(path.stat().st_size for path in source.iterdir())
    assert told[0] == (total, "all")
    assert sum(amount for amount, _ in told[1:]) == total
    assert told[-1][1] == "903 documents, 100% kept, 3 tasks done, 1 worker"
