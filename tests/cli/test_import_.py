import json
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from tests.cli.conftest import Gaupt, written
from tests.exporting.folders import write_vocabulary
from tests.importing.public import write_public


@pytest.mark.slow
def test_it_plans_imports_and_says_what_came_in(gaupt: Gaupt, tmp_path: Path) -> None:
    source, output = write_public(tmp_path / "public"), tmp_path / "out"
    before = written(tmp_path)
    plan = json.loads(gaupt("import", source, "-o", output, "--dry-run", "--json").out)
    assert plan["config"]["model"]["hidden_size"] == 16
    assert written(tmp_path) == before
    told = plan["plan"]
    assert (told["output"], told["architecture"]) == (f"{output} (new)", "gau")
    done = gaupt("import", source, "-o", output)
    assert done.out == f"{output}: gau, {told['parameters']:,} parameters\n"
    assert gaupt("import", source, "-o", output).err == f"{output} is complete; nothing to do\n"
    assert json.loads(gaupt("import", source, "-o", output, "--json").out)["parameters"] == told["parameters"]
    assert "(complete)" in gaupt("import", source, "-o", output, "--dry-run").out


def test_a_mistake_is_one_line_and_leaves_nothing(gaupt: Gaupt, tmp_path: Path) -> None:
    write_vocabulary(tmp_path / "vocabulary", 10)
    assert "nowhere does not exist" in gaupt("import", "nowhere", "-o", tmp_path / "out").error()
    assert "config.json" in gaupt("import", tmp_path / "vocabulary", "-o", tmp_path / "out").error()
    assert not (tmp_path / "out").exists()


def test_a_dry_run_for_people_is_the_config_and_the_facts(gaupt: Gaupt, tmp_path: Path) -> None:
    source = write_public(tmp_path / "public")
    out = gaupt("import", source, "-o", tmp_path / "out", "--dry-run", "--show-config").done().out
    assert "hidden_size = 16\n" in out
    facts = dict(line.split(":", 1) for line in out.partition("\n\n")[0].splitlines())
    assert facts["output"].strip() == f"{tmp_path / 'out'} (new)"
    assert facts["architecture"].strip() == "gau" and int(facts["parameters"].replace(",", "")) > 0


@pytest.mark.slow
def test_quiet_says_nothing_and_json_one_document(gaupt: Gaupt, tmp_path: Path) -> None:
    source, output = write_public(tmp_path / "public"), tmp_path / "out"
    for _ in ("made", "complete"):
        quiet = gaupt("import", source, "-o", output, "--quiet").done()
        assert (quiet.out, quiet.err) == ("", "")
    done = gaupt("import", source, "-o", output, "--json", "--quiet").done()
    assert json.loads(done.out).keys() == {"output", "architecture", "parameters"}


@pytest.mark.slow
def test_another_checkpoint_takes_the_place_of_one_only_when_told_to(gaupt: Gaupt, tmp_path: Path) -> None:
    source, output = write_public(tmp_path / "public"), tmp_path / "out"
    gaupt("import", source, "-o", output).done()
    weights = load_file(source / "model.safetensors")
    weights["gau_alpha.encoder.layer.0.gau.o_dense.weight"] += 1
    save_file(weights, source / "model.safetensors")
    for more in ((), ("--dry-run",)):
        assert "--overwrite" in gaupt("import", source, "-o", output, *more).error()
    assert "(new)" in gaupt("import", source, "-o", output, "--dry-run", "--overwrite").done().out
    gaupt("import", source, "-o", output, "--overwrite").done()
    assert gaupt("import", source, "-o", output).done().err == f"{output} is complete; nothing to do\n"
