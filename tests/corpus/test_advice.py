"""What is told beside the numbers of cleaning: files without a text field, and nothing kept."""

import pytest

from gaupt.config import CleanConfig
from gaupt.corpus.advice import killed, nothing_kept, remedy, slow, too_long, without_text_field
from gaupt.corpus.drop.rules import RULES
from gaupt.corpus.read.records import TOO_LONG_TEXT

LACK = "no field text; the records have id, title: use --text-field title"


def test_files_whose_records_have_no_text_field_are_named_three_at_most() -> None:
    unreadable = {"a.jsonl": {LACK: 1, "malformed line": 2}, "b.txt": {"empty file": 1}}
    assert without_text_field(unreadable) == [f"a.jsonl: {LACK} (1 time)"]
    many = without_text_field({f"{n}.jsonl": {LACK: 1200} for n in range(9)})
    assert many == [*(f"{n}.jsonl: {LACK} (1,200 times)" for n in range(3)), "6 more files like these"]


def test_texts_too_large_for_one_document_are_named_with_the_option() -> None:
    (line,) = too_long({"a.txt": {TOO_LONG_TEXT: 1}, "b.txt": {"empty file": 1}})
    assert line == "a.txt: larger than 32 MiB; one document a line? --text-document line"
    assert too_long({f"{n}.txt": {TOO_LONG_TEXT: 1} for n in range(5)})[3:] == ["2 more files like these"]


def test_nothing_kept_is_told_with_counts_and_the_remedy_for_the_most_common_reason() -> None:
    report = {"read": 1200, "kept": 0, "dropped": {"not_chinese": 1, "too_short": 1199}}
    assert nothing_kept(report, CleanConfig()) == (
        "all 1,200 documents were dropped (not_chinese 1, too_short 1,199); "
        "for texts as short as these use --profile short"
    )
    one = {"read": 1, "kept": 0, "dropped": {"not_chinese": 1}}
    assert str(nothing_kept(one, CleanConfig())).startswith("the only document was dropped (not_chinese 1); ")
    assert nothing_kept({**report, "kept": 1}, CleanConfig()) is None


@pytest.mark.parametrize(
    ("reason", "profile", "advice"),
    [
        ("too_short", "web", "--profile short"),
        ("too_short", "short", "--set clean.rules.min_chinese=0"),
        ("too_many_digits", "article", "--set clean.rules.max_digit_share=1"),
        ("traditional", "article", "--set clean.traditional=simplify"),
        ("something new", "article", "--explain FILE"),
    ],
)
def test_each_reason_has_its_remedy(reason: str, profile: str, advice: str) -> None:
    assert advice in remedy(reason, CleanConfig.model_validate({"profile": profile}))


def test_what_is_advised_switches_its_rule_off() -> None:
    for rule in RULES:
        value = remedy(rule.reason, CleanConfig(profile="short")).rsplit("=", 1)[1]
        assert rule.is_off(float(value))


def test_documents_that_were_set_aside_are_named() -> None:
    for reason, say in (("killed_worker", killed), ("too_slow", slow)):
        examples = [{"id": "7", "source": "b"}, {"id": "9", "source": "c"}]
        line = say({"dropped": {reason: 1202}, "examples": {"dropped": {reason: examples}}})
        assert line.startswith("set aside, because ")
        assert line.endswith(
            f": 7 of b, 9 of c and 1,200 more; the dropped-*.jsonl.zst files name them all ({reason})"
        )
