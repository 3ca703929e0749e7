import json
from pathlib import Path

from tests.cli.conftest import Gaupt, written
from tests.exporting.folders import write_vocabulary
from tests.importing.public import write_public


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
    assert "nowhere is not a folder" in gaupt("import", "nowhere", "-o", tmp_path / "out").error()
    assert "config.json" in gaupt("import", tmp_path / "vocabulary", "-o", tmp_path / "out").error()
    assert not (tmp_path / "out").exists()
