from pathlib import Path

from gaupt.config import CleanConfig
from gaupt.corpus.drop.rules import RULES
from gaupt.corpus.explain import estimate, explain
from tests.corpus.made import OTHER, input_file, json_line


def test_each_document_with_every_rule_and_the_verdict(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(json_line(OTHER) + b"broken\n" + json_line("短。"))
    kept, broken, dropped = explain([path], CleanConfig())
    assert (kept["verdict"], dropped["verdict"]) == ("kept", "dropped: too_short")
    assert broken == {"file": "a.jsonl", "unreadable": "malformed line"}
    assert [rule["rule"] for rule in kept["rules"]] == ["mojibake", *(rule.reason for rule in RULES)]
    assert [rule["rule"] for rule in dropped["rules"] if not rule["keeps"]] == ["too_short"]


def test_an_estimate_counts_drops_by_source_and_warns_of_rules_that_drop_much(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes((json_line(OTHER) * 3 + json_line("短。")) * 5)
    guess = estimate([input_file(path)], CleanConfig(), 20, seed=0, workers=1)
    assert guess["sampled"] == 20
    assert guess["sources"]["a"] == {"read": 20, "dropped": {"too_short": 0.25}}
    assert guess["warnings"] == ["too_short drops 25% of a"]
    path.write_bytes((json_line(OTHER) * 4 + json_line("短。")) * 4)
    assert estimate([input_file(path)], CleanConfig(), 20, seed=0, workers=1)["warnings"] == []
