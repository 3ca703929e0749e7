from pathlib import Path

from gaupt.config import CleanConfig
from gaupt.corpus.drop.rules import RULES
from gaupt.corpus.explain import explain
from tests.corpus.made import OTHER, json_line


def test_each_document_with_every_rule_and_the_verdict(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(json_line(OTHER) + b"broken\n" + json_line("短。"))
    kept, broken, dropped = explain([path], CleanConfig())
    assert (kept["verdict"], dropped["verdict"]) == ("kept", "dropped: too_short")
    assert broken == {"file": "a.jsonl", "unreadable": "malformed line"}
    assert [rule["rule"] for rule in kept["rules"]] == ["mojibake", *(rule.reason for rule in RULES)]
    assert [rule["rule"] for rule in dropped["rules"] if not rule["keeps"]] == ["too_short"]
