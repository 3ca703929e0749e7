"""Stage folders: new, interrupted, complete, changed, locked, somebody else's."""

import dataclasses
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from gaupt import stage as stages
from gaupt.config import config_from, read_config
from gaupt.errors import GauptError
from gaupt.files import atomic_write, read_sealed_json, write_sealed_json
from gaupt.remote import Remote
from gaupt.seal import LIST, close
from gaupt.stage import (
    Locked,
    Stage,
    State,
    _lock,
    change_stage,
    check_inputs,
    disk_warnings,
    inspect,
    open_stage,
    warning_lines,
    write_config,
)


@pytest.fixture
def stage(tmp_path):
    return Stage("shard", tmp_path / "out", "report.json", {"shards": {"seq_len": 512}}, {"a.txt": "one"})


def finish(stage):
    close(stage.output, stage.marker, b"{}", ["*"])


def test_new_then_interrupted_then_complete(stage):
    with open_stage(stage) as state:
        assert state is State.NEW
    with open_stage(stage) as state:
        assert state is State.INTERRUPTED
        finish(stage)
    with open_stage(stage) as state:
        assert state is State.COMPLETE


def test_a_changed_option_is_refused_by_name_and_loses_nothing(stage):
    with open_stage(stage):
        finish(stage)
    changed = dataclasses.replace(stage, config={"shards": {"seq_len": 128}})
    with pytest.raises(GauptError, match=r"shards\.seq_len 512 -> 128.*--overwrite"), open_stage(changed):
        pass
    assert (stage.output / stage.marker).exists()


@pytest.mark.parametrize("name", ["report.json", LIST])
def test_a_damaged_marker_or_list_is_named_and_may_be_overwritten(stage, name):
    with open_stage(stage):
        finish(stage)
    (stage.output / name).write_text("[]")
    with pytest.raises(GauptError, match=rf"{name} is damaged.*--overwrite"):
        inspect(stage)
    assert inspect(stage, overwrite=True) is State.COMPLETE


def test_a_folder_without_its_list_is_completed_anew(stage):
    with open_stage(stage):
        finish(stage)
    (stage.output / LIST).unlink()
    with open_stage(stage) as state:
        assert state is State.INTERRUPTED


def test_the_list_of_what_was_complete_goes_with_its_marker(stage):
    with open_stage(stage):
        finish(stage)
    (stage.output / stage.marker).unlink()
    with open_stage(stage) as state:
        assert state is State.INTERRUPTED
        assert not (stage.output / LIST).exists()


def test_the_marker_of_what_was_complete_goes_with_its_list(stage):
    with open_stage(stage):
        finish(stage)
    (stage.output / LIST).unlink()
    with open_stage(stage) as state:
        assert state is State.INTERRUPTED
        assert not (stage.output / stage.marker).exists()


@pytest.mark.parametrize("removed", [0, 1, 2])
def test_killed_while_it_starts_again_the_folder_is_the_new_stages_and_empty(stage, removed, monkeypatch):
    with open_stage(stage):
        for name in ("a", "b"):
            (stage.output / name).write_text("old")
        finish(stage)
    changed = dataclasses.replace(stage, config={"shards": {"seq_len": 128}}, inputs={"a.txt": "two"})
    real, left = stages.remove, [removed]

    def killed(path):
        if not left[0]:
            raise SystemExit
        left[0] -= 1
        real(path)

    with monkeypatch.context() as patch:
        patch.setattr(stages, "remove", killed)
        with pytest.raises(SystemExit), open_stage(changed, overwrite=True):
            pass
    with pytest.raises(GauptError, match=r"seq_len 128 -> 512"):
        inspect(stage)
    # The same command with the option or without it.
    with open_stage(changed) as state:
        assert state is State.NEW
        assert {entry.name for entry in stage.output.iterdir()} == {".lock", "stage.json"}
    with open_stage(changed) as state:
        assert state is State.INTERRUPTED


@pytest.mark.parametrize("left", ["half empty", "without a list"])
def test_jobs_of_an_array_begin_with_a_clean_folder(stage, left):
    with open_stage(stage):
        (stage.output / "old").touch()
        finish(stage)
    if left == "half empty":
        record = read_sealed_json(stage.output / "stage.json")
        write_sealed_json(stage.output / "stage.json", {**record, "inputs": {}, "emptying": True})
    else:
        (stage.output / LIST).unlink()
    with open_stage(stage, shared=True) as state:
        assert state is State.INTERRUPTED
        assert not (stage.output / stage.marker).exists()
        assert (stage.output / "old").exists() == (left == "without a list")
        check_inputs(stage)


def test_what_changed_while_it_was_read_is_not_completed(stage, tmp_path):
    raw = tmp_path / "a.txt"
    raw.write_text("one")
    stage = dataclasses.replace(stage, inputs={"a.txt": raw})
    with open_stage(stage):
        check_inputs(stage)
        raw.write_text("one and more")
        with pytest.raises(GauptError, match=r"input a\.txt changed while it was read; .*--overwrite"):
            check_inputs(stage)
        raw.unlink()
        with pytest.raises(GauptError, match=r"input a\.txt removed while it was read"):
            check_inputs(stage)


def test_changed_inputs_are_refused_by_name(stage):
    with open_stage(stage):
        finish(stage)
    changed = dataclasses.replace(stage, inputs={"a.txt": "two", "b.txt": "one"})
    with pytest.raises(GauptError, match=r"input a\.txt changed; input b\.txt added"), open_stage(changed):
        pass


def test_a_folder_is_made_one_of_another_config_that_goes_on_from_what_it_holds(stage):
    with open_stage(stage):
        finish(stage)
    longer = dataclasses.replace(stage, config={"shards": {"seq_len": 1024}}, inputs={"a.txt": "never read"})
    change_stage(stage, longer, (stage.output / stage.marker).unlink)
    assert inspect(dataclasses.replace(longer, inputs=stage.inputs)) is State.INTERRUPTED
    with pytest.raises(GauptError, match=r"seq_len 1024 -> 512"):
        change_stage(stage, longer, pytest.fail)


def test_a_folder_whose_change_is_stopped_is_what_it_was(stage):
    with open_stage(stage):
        finish(stage)
    with pytest.raises(ZeroDivisionError):
        change_stage(stage, dataclasses.replace(stage, config={}), lambda: 1 / 0)
    assert inspect(stage) is State.COMPLETE


def test_overwrite_starts_again(stage):
    with open_stage(stage):
        finish(stage)
        (stage.output / "part").mkdir()
    with open_stage(stage, overwrite=True) as state:
        assert state is State.NEW
    assert sorted(entry.name for entry in stage.output.iterdir()) == [".lock", "stage.json"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_somebody_elses_folder_is_never_touched(stage, overwrite):
    stage.output.mkdir()
    (stage.output / "thesis.txt").write_text("precious")
    with pytest.raises(GauptError, match="did not write"), open_stage(stage, overwrite):
        pass
    assert [entry.name for entry in stage.output.iterdir()] == ["thesis.txt"]


def test_a_folder_that_another_call_is_opening_is_not_somebody_elses(stage, monkeypatch):
    with atomic_write(stage.output / "stage.json"):
        assert inspect(stage) is State.NEW
    (stage.output / "stage.json").unlink()
    (stage.output / ".stage.json.tmp").touch()  # as a killed process leaves it
    assert inspect(stage) is State.NEW

    real = Path.iterdir

    def listed(folder):
        with monkeypatch.context() as patch:
            patch.setattr(Path, "iterdir", real)
            with open_stage(stage):
                (stage.output / "part").touch()
        return real(folder)

    monkeypatch.setattr(Path, "iterdir", listed)
    assert inspect(stage) is State.INTERRUPTED


def test_another_stages_folder_is_refused(stage):
    with open_stage(stage):
        pass
    with (
        pytest.raises(GauptError, match="written by gaupt shard"),
        open_stage(dataclasses.replace(stage, name="clean")),
    ):
        pass


def test_a_damaged_record_is_named(stage):
    stage.output.mkdir()
    (stage.output / "stage.json").write_text("{")
    with pytest.raises(GauptError, match=r"stage\.json is damaged"), open_stage(stage):
        pass


@pytest.mark.slow
def test_a_second_writer_is_refused_and_a_dead_one_is_not(stage):
    holder = (
        "import sys; from pathlib import Path; from gaupt.stage import *\n"
        f"s = Stage('shard', Path({str(stage.output)!r}), 'report.json', "
        "{'shards': {'seq_len': 512}}, {'a.txt': 'one'})\n"
        "with open_stage(s): print('locked', flush=True); sys.stdin.read()"
    )
    child = subprocess.Popen([sys.executable, "-c", holder], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"locked\n"
    with pytest.raises(GauptError, match=f"pid {child.pid} on "), open_stage(stage):
        pass
    child.kill()
    child.communicate()
    with open_stage(stage) as state:
        assert state is State.INTERRUPTED


def test_a_mistake_found_before_anything_was_made_leaves_no_trace(stage):
    with pytest.raises(GauptError, match="too large"), open_stage(stage):
        raise GauptError("vocab_size is too large")
    corrected = dataclasses.replace(stage, config={"shards": {"seq_len": 128}})
    with open_stage(corrected) as state:
        assert state is State.NEW


def test_a_mistake_found_later_keeps_what_was_made(stage):
    with pytest.raises(GauptError, match="late"), open_stage(stage):
        (stage.output / "part").mkdir()
        raise GauptError("late")
    with open_stage(stage) as state:
        assert state is State.INTERRUPTED


@pytest.fixture
def reading(tmp_path):
    """A finished stage that read the file at the path that is returned with it."""
    path = tmp_path / "here" / "a.txt"
    path.parent.mkdir()
    path.write_text("one")
    stage = Stage("clean", tmp_path / "out", "report.json", {}, {"a.txt": path})
    with open_stage(stage):
        finish(stage)
    return stage, path


def test_a_file_moved_with_its_output_is_the_same(reading, tmp_path):
    stage, path = reading
    moved = tmp_path / "there"
    moved.mkdir()
    path, output = path.rename(moved / "a.txt"), stage.output.rename(moved / "out")
    stage = dataclasses.replace(stage, output=output, inputs={"a.txt": path})
    with open_stage(stage) as state:
        assert state is State.COMPLETE
    os.utime(path, ns=(0, 0))  # a copy has a time stamp of its own
    with open_stage(stage) as state:
        assert state is State.COMPLETE


@pytest.mark.parametrize("edit", ["two", "three"])
def test_an_edited_file_is_noticed_whatever_its_length(reading, edit):
    stage, path = reading
    path.write_text(edit)
    os.utime(path, ns=(0, 0))
    with pytest.raises(GauptError, match=r"input a\.txt changed"), open_stage(stage):
        pass


def test_content_is_read_only_where_the_time_stamp_is_another(reading, monkeypatch):
    stage, path = reading

    def read(path):
        raise AssertionError(f"{path} was read")

    monkeypatch.setattr("gaupt.stage.content_hash", read)
    with open_stage(stage) as state:
        assert state is State.COMPLETE
    os.utime(path, ns=(0, 0))
    with pytest.raises(AssertionError, match="was read"), open_stage(stage):
        pass


def test_a_record_says_nothing_of_this_machines_folders(reading, tmp_path):
    stage, _ = reading
    assert str(tmp_path) not in (stage.output / "stage.json").read_text()


def test_a_config_that_is_left_names_files_and_no_folders(tmp_path):
    values = {
        "clean": {"blocked_words": str(tmp_path / "blocked.txt")},
        "tokenizer": {"user_dictionary": "lists/words.txt"},
        "shards": {"exclude": [str(tmp_path / "a.json"), "b.json"]},
    }
    write_config(tmp_path, config_from(values, "a test"))
    left = read_config(tmp_path / "config.toml")
    assert left.clean.blocked_words == "blocked.txt"
    assert left.tokenizer.user_dictionary == "lists/words.txt"
    assert left.shards.exclude == ("a.json", "b.json")


def test_a_place_for_no_folder_is_refused_by_the_plan_too(stage, tmp_path):
    (tmp_path / "file").touch()
    for output in (tmp_path / "file", tmp_path / "file" / "out"):
        moved = dataclasses.replace(stage, output=output)
        with pytest.raises(GauptError, match="file is a file, where a folder has to be"):
            inspect(moved)
        with pytest.raises(GauptError, match="file is a file, where a folder has to be"), open_stage(moved):
            pass


def test_a_disk_that_is_too_small_is_warned_of(tmp_path: Path) -> None:
    assert disk_warnings(tmp_path / "out", 1) == []
    (warning,) = disk_warnings(tmp_path / "out", 1e18)
    assert warning.startswith("1,000,000,000.0 GB of disk are needed and ") and str(tmp_path) in warning
    assert warning_lines(["a", "b"]) == "warning: a\nwarning: b\n"


def test_a_mistake_before_anything_is_made_leaves_no_folder(tmp_path):
    stage = Stage("clean", tmp_path / "deep" / "out", "report.json", {}, {})
    with pytest.raises(GauptError, match="wrong"), open_stage(stage):
        raise GauptError("wrong")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_the_user_stays_and_so_does_what_was_made(tmp_path):
    stage = Stage("clean", tmp_path / "out", "report.json", {}, {})
    stage.output.mkdir()
    with pytest.raises(GauptError, match="wrong"), open_stage(stage):
        raise GauptError("wrong")
    assert stage.output.is_dir()
    with pytest.raises(GauptError, match="wrong"), open_stage(stage):
        (stage.output / "part").touch()
        raise GauptError("wrong")
    assert (stage.output / "part").exists()


def test_much_input_is_told_by_sizes_and_times_alone(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    path.write_text("one")
    stage = Stage("clean", tmp_path / "out", "report.json", {}, {"a.txt": path})
    monkeypatch.setattr("gaupt.stage._CONTENTS", 2)
    monkeypatch.setattr("gaupt.stage.content_hash", lambda path: 1 // 0)
    with open_stage(stage):
        finish(stage)
    assert inspect(stage) is State.COMPLETE
    os.utime(path, ns=(0, 0))
    with pytest.raises(GauptError, match=r"input a\.txt changed"):
        inspect(stage)


@pytest.mark.parametrize("shared", [False, True])
def test_unfinished_work_goes_when_the_output_is_complete(stage, shared):
    stage = dataclasses.replace(stage, work="work")
    with open_stage(stage, shared=shared):
        (stage.output / "work").mkdir()
    assert (stage.output / "work").exists()
    with open_stage(stage, shared=shared):
        finish(stage)
    assert not (stage.output / "work").exists()


def test_jobs_of_an_array_open_a_folder_together_and_the_last_clears_it(stage):
    stage = dataclasses.replace(stage, work="work")
    with open_stage(stage, shared=True) as first:
        (stage.output / "work").mkdir()
        with open_stage(stage, shared=True) as second:
            assert (first, second) == (State.NEW, State.INTERRUPTED) or first is State.INTERRUPTED
            with pytest.raises(Locked, match="is being written by another gaupt"), open_stage(stage):
                pass
            finish(stage)
        assert (stage.output / "work").exists()
    assert not (stage.output / "work").exists()


def test_a_job_waits_for_a_folder_that_another_opens(stage, monkeypatch):
    waited = []
    with open_stage(stage):
        with pytest.raises(Locked), monkeypatch.context() as patch:
            patch.setattr("gaupt.stage.time.sleep", waited.append)
            patch.setattr("gaupt.stage._ATTEMPTS", 3)
            with open_stage(stage, shared=True):
                pass
        assert len(waited) == 2
    other = open_stage(stage)
    other.__enter__()
    monkeypatch.setattr("gaupt.stage.time.sleep", lambda seconds: other.__exit__(None, None, None))
    with open_stage(stage, shared=True) as state:
        assert state is State.INTERRUPTED


def test_the_words_of_a_message_do_not_decide_whether_a_job_waits(stage, monkeypatch):
    monkeypatch.setattr("gaupt.stage.time.sleep", lambda seconds: 1 // 0)
    folder = stage.output.with_name("this folder is being written")
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("somebody else's")
    with (
        pytest.raises(GauptError, match="did not write"),
        open_stage(dataclasses.replace(stage, output=folder), shared=True),
    ):
        pass


def test_a_folder_of_other_storage_is_locked_by_a_file_that_is_written_anew(stage, monkeypatch):
    stage = dataclasses.replace(stage, output=Remote("memory://locked"))
    seconds = []
    monkeypatch.setattr("gaupt.stage.time.sleep", seconds.append)
    with open_stage(stage) as state:
        assert state is State.NEW
        lock = stage.output / ".lock.claim"
        assert "pid" in lock.read_text()
        for shared in (False, True):
            lock.write_text("before")
            monkeypatch.setattr("gaupt.stage.time.sleep", lambda seconds: lock.write_text("I am alive"))
            with pytest.raises(Locked, match=r"memory://locked is being written .*\(I am alive\)"):
                _enter(stage, shared)
    assert not lock.exists()
    lock.write_text("of a killed one")
    monkeypatch.setattr("gaupt.stage.time.sleep", seconds.append)
    with open_stage(stage, overwrite=True) as state:
        finish(stage)
    assert seconds == [15.0]
    assert [entry.name for entry in stage.output.iterdir() if entry.name != "stage.json"] == [
        LIST,
        stage.marker,
    ]


def _enter(stage, shared):
    with ExitStack() as opened:
        opened.enter_context(_lock(stage.output, None, shared))
