import threading
from pathlib import Path

import pytest

from gaupt.workers import claims as claims_module
from gaupt.workers.claims import LEASE, Claims, open_claims


def test_the_shares_of_jobs_are_all_tasks() -> None:
    shares = [[n for n in range(7) if Claims(job, 3).is_mine(n)] for job in range(3)]
    assert shares == [[0, 3, 6], [1, 4], [2, 5]]


def test_a_task_is_taken_once_until_it_is_given_back(tmp_path: Path) -> None:
    first, second = Claims(0, 2), Claims(1, 2)
    assert first.take(tmp_path / "a")
    assert not second.take(tmp_path / "a")
    assert second.take(tmp_path / "b")
    first.release(tmp_path / "a")
    assert second.take(tmp_path / "a")
    assert not first.take(tmp_path / "a")
    assert "job 1 of 2, pid" in (tmp_path / "a.claim").read_text()


@pytest.mark.parametrize(("seconds", "stale"), [(LEASE, False), (LEASE + 1, True)])
def test_a_claim_that_stays_as_it_is_is_nobodys(
    seconds: float, stale: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(claims_module.time, "monotonic", lambda: now)
    Claims(0, 2).take(tmp_path / "a")
    other = Claims(1, 2)
    assert other.is_stale(tmp_path / "none")
    assert not other.is_stale(tmp_path / "a")  # first seen now, however old it is
    now += seconds
    assert other.is_stale(tmp_path / "a") is stale
    assert other.take(tmp_path / "a") is stale


def test_an_empty_claim_of_a_job_that_was_killed_as_it_made_it_is_nobodys_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(claims_module.time, "monotonic", lambda: now)
    (tmp_path / "a.claim").touch()
    claims = Claims(1, 2)
    assert not claims.take(tmp_path / "a")
    now += LEASE + 1
    assert claims.take(tmp_path / "a")


def test_a_claim_that_was_made_since_we_looked_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_text(path: Path) -> str:
        path.write_text("of another")
        raise FileNotFoundError  # there was none a moment ago

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_text", read_text)
        assert not Claims(0, 2).take(tmp_path / "a")
    assert (tmp_path / "a.claim").read_text() == "of another"


def test_a_claim_that_is_written_anew_is_alive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(claims_module.time, "monotonic", lambda: now)
    (tmp_path / "a.claim").write_text("1")
    claims = Claims(1, 2)
    for beat in range(5):
        (tmp_path / "a.claim").write_text(str(beat))
        assert not claims.is_stale(tmp_path / "a")
        now += LEASE
    assert not claims.is_stale(tmp_path / "a")
    now += 1
    assert claims.is_stale(tmp_path / "a")


def test_claims_are_written_anew_while_they_are_open_and_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims_module, "BEAT", 0.001)
    with open_claims(0, 1) as claims:
        claims.take(tmp_path / "a")
        claims.take(tmp_path / "b")
        claims.release(tmp_path / "b")
        for _ in range(2):
            text = (tmp_path / "a.claim").read_text()
            while (tmp_path / "a.claim").read_text() in (text, ""):
                pass
        assert threading.active_count() > 1
    assert list(tmp_path.iterdir()) == []


def test_a_claim_whose_folder_is_gone_does_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims_module, "BEAT", 0.001)
    (tmp_path / "gone").mkdir()
    with open_claims(0, 1) as claims:
        claims.take(tmp_path / "gone" / "a")
        claims.take(tmp_path / "b")
        (tmp_path / "gone").rename(tmp_path / "elsewhere")
        text = (tmp_path / "b.claim").read_text()
        while (tmp_path / "b.claim").read_text() in (text, ""):
            pass
