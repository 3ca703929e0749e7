"""What cleaning would do, told by a sample: drops, documents, sizes and warnings, and nothing written."""

import gzip
import json
import random
import sys
from pathlib import Path

import pytest

from gaupt.config import CleanConfig
from gaupt.corpus import estimate as estimating
from gaupt.corpus.estimate import Estimate, estimate
from gaupt.corpus.read.find import find_files
from tests.corpus.made import OTHER, json_line, jsonl, random_text


def estimated(*paths: Path, sample: int = 1_000, workers: int = 1, **config: object) -> Estimate:
    files, _ = find_files(paths)
    return estimate(files, CleanConfig.model_validate(config), sample, 0, workers)


@pytest.mark.slow
def test_drops_are_counted_by_source_and_rules_that_drop_much_pointed_out(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes((json_line(OTHER) * 3 + json_line("短。")) * 50)
    guess = estimated(path, sample=40)
    assert guess.sampled == guess.sources["a"]["read"] == 40
    assert guess.sources["a"]["dropped"].keys() == {"too_short"}
    assert "too_short drops 25% of a; another --profile may fit it better" in estimated(path).warnings
    path.write_bytes((json_line(OTHER) * 4 + json_line("短。")) * 50)
    assert estimated(path).warnings == []


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz"])
def test_a_sample_tells_the_documents_and_sizes_of_the_whole(ending: str, tmp_path: Path) -> None:
    draw = random.Random(0)
    long = random_text(draw, 2_000)
    starts = [draw.randrange(1_000) for _ in range(4_500)]
    lines = [json_line(long[start : start + 20 + start % 400]) for start in starts] + [
        json_line("short")
    ] * 500
    draw.shuffle(lines)
    data = b"".join(lines)
    (tmp_path / f"a.{ending}").write_bytes(gzip.compress(data) if ending.endswith("gz") else data)
    guess = estimated(tmp_path / f"a.{ending}", sample=300)
    characters = sum(len(json.loads(line)["text"]) for line in lines if b"short" not in line)
    assert guess.sampled == 300
    # From Python 3.12 on gzip reads 128 KB ahead, a good part of so small a file.
    near = 0.3 if ending.endswith("gz") and sys.version_info >= (3, 12) else 0.1
    assert guess.documents == pytest.approx(5_000, rel=near)
    assert guess.kept == pytest.approx(4_500, rel=near)
    assert guess.characters == pytest.approx(characters, rel=0.25)
    assert guess.text_bytes == pytest.approx(3 * characters, rel=0.25)
    assert sum(weight * len(text) for weight, text in guess.texts) == pytest.approx(guess.characters)


def test_small_files_are_one_source_and_stand_for_those_that_were_not_read(tmp_path: Path) -> None:
    draw = random.Random(0)
    for number in range(50):
        (tmp_path / f"{number}.txt").write_text(random_text(draw, 100), encoding="utf-8")
    guess = estimated(tmp_path, sample=10)
    assert guess.sampled == 10
    assert guess.documents == pytest.approx(50, rel=0.1) and guess.kept == guess.documents
    assert "documents that stay: about 5" in guess.warnings[0]
    assert guess.numbers()["documents"] == round(guess.documents)
    assert "texts" not in guess.numbers()


@pytest.mark.slow
def test_the_seed_draws_the_sample_and_long_documents_make_it_smaller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = random.Random(0)
    for number in range(40):
        (tmp_path / f"{number}.txt").write_text(random_text(draw, 40 if number % 2 else 4))
    assert estimated(tmp_path, sample=10).sources == estimated(tmp_path, sample=10).sources
    assert estimated(tmp_path, sample=40).kept == 20
    monkeypatch.setattr(estimating, "_SAMPLE_BYTES", 600)
    assert 5 <= estimated(tmp_path, sample=40).sampled < 40


def test_where_nothing_stays_the_warning_is_the_reason_and_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(json_line("短。") * 7)
    (lost,) = estimated(tmp_path).warnings
    assert lost == (
        "sample: all 7 documents were dropped (too_short 7); for texts as short as these use --profile short"
    )


def test_files_without_a_text_field_and_damaged_ones_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": 1, "desc": "今天天气很好"}\n')
    (tmp_path / "b.jsonl").write_bytes(b"not json\n")
    guess = estimated(tmp_path)
    assert guess.unreadable["b.jsonl"] == {"malformed line": 1}
    assert guess.warnings[0] == "nothing in the sample can be read"
    assert guess.warnings[1].endswith("use --text-field desc (1 time)")
    assert (guess.documents, guess.characters, guess.texts) == (0, 0, [])


@pytest.mark.slow
@pytest.mark.untraced
def test_more_work_takes_longer(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(jsonl(range(500)))
    little = estimated(tmp_path / "a.jsonl").seconds
    (tmp_path / "a.jsonl").write_bytes(jsonl(range(500)) * 100)  # several parts
    much = estimated(tmp_path / "a.jsonl")
    assert 0 < little < much.seconds
    assert much.documents == pytest.approx(50_000, rel=0.05)
