import json

import pytest

from gaupt.corpus.counts import EXCERPT, SAMPLES, Counts, counts_from_json, example_of_change


def ledger() -> Counts:
    counts = Counts()
    for number in range(3):
        counts.read("web", "一二三", 3)
        if number:
            counts.keep("web", "一二", 2)
        else:
            counts.drop("d0", "web", "too_short", "一二三" * EXCERPT, value=3, threshold=16)
    counts.change("d1", "web", "normalized", "一二三", "一二")
    counts.problem("a.txt", "empty file")
    counts.spend("read", 0.5)
    return counts


def test_what_is_read_is_kept_or_dropped() -> None:
    web = ledger().source("web")
    assert (web.read, web.kept, web.dropped.total()) == (3, 2, 1)
    assert (web.bytes_before, web.bytes_after, web.chinese_before, web.chinese_after) == (27, 12, 9, 4)
    assert web.changed == {"normalized": 1}
    assert web.lengths == {"2": 2}


@pytest.mark.parametrize(
    ("characters", "start"), [(0, "0"), (1, "1"), (255, "128"), (256, "256"), (511, "256")]
)
def test_a_length_is_counted_from_a_power_of_two_to_before_the_next(characters: int, start: str) -> None:
    counts = Counts()
    counts.keep("web", "字" * characters, characters)
    assert counts.source("web").lengths == {start: 1}


def test_a_dropped_document_is_told_with_its_reason_and_a_short_excerpt() -> None:
    (example,) = ledger().drops["too_short"]
    assert list(example) == ["id", "source", "reason", "value", "threshold", "excerpt"]
    assert len(example["excerpt"]) == EXCERPT


def test_what_is_taken_back_was_never_kept() -> None:
    counts = ledger()
    counts.take_back("web", "一二", 2)
    counts.drop("d1", "web", "near_duplicate", "一二", duplicate_of="d2")
    web = counts.source("web")
    assert (web.kept, web.dropped.total(), web.bytes_after, web.chinese_after) == (1, 2, 6, 2)
    assert web.lengths == {"2": 1}


def test_parts_add_up_and_few_examples_are_kept() -> None:
    counts = Counts()
    for _ in range(SAMPLES + 2):
        counts.add(ledger())
    assert (counts.total().read, counts.total().kept) == (3 * (SAMPLES + 2), 2 * (SAMPLES + 2))
    assert counts.seconds == {"read": 0.5 * (SAMPLES + 2)}
    assert counts.unreadable == {"a.txt": {"empty file": SAMPLES + 2}}
    assert len(counts.drops["too_short"]) == len(counts.changes["normalized"]) == SAMPLES


def test_it_comes_back_from_json() -> None:
    assert counts_from_json(json.loads(json.dumps(ledger().to_json()))) == ledger()


def test_an_example_of_a_change_begins_shortly_before_it() -> None:
    before, after = example_of_change("甲" * 50 + "乙", "甲" * 50 + "丙")
    assert (before, after) == ("甲" * 20 + "乙", "甲" * 20 + "丙")
