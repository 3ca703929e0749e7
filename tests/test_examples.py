"""The examples run: each README as a page, and the notebook cell by cell."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.docs.stand_ins import ROOT
from tests.docs.typist import Desk, run_page
from tests.docs.typist import desk as desk

EXAMPLES = ROOT / "examples"
STORIES = sorted(EXAMPLES.glob("*/README.md"))
MADE = {
    "cluster": ("tokens/shards/manifest.json", "base-run/summary.json"),
    "domain-adaptive": ("domain-adaptive/bits/results.json", "domain-adaptive/report.html"),
    "own-task": ("own-task/topic-classifier/config.json", "own-task/probed/results.json"),
}
"""What a story leaves, in the end."""


@pytest.mark.slow
@pytest.mark.untraced
@pytest.mark.parametrize("story", STORIES, ids=lambda page: page.parent.name)
def test_a_story_runs_to_its_end(story: Path, desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "clone"
    run_page(story, folder, desk.environment, desk.shelf)
    assert [name for name in MADE[story.parent.name] if not (folder / name).is_file()] == []


def test_each_folder_is_a_story_that_is_listed() -> None:
    listed = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    folders = {path.name for path in EXAMPLES.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == {path.parent.name for path in STORIES} == {*MADE}
    assert all(f"({name}/README.md)" in listed for name in folders) and "(walkthrough.ipynb)" in listed


@pytest.mark.parametrize(
    "script", sorted([*EXAMPLES.rglob("*.sh"), *EXAMPLES.rglob("*.sbatch")]), ids=lambda path: path.name
)
def test_scripts_have_no_mistake_that_bash_finds(script: Path) -> None:
    assert subprocess.run(["bash", "-n", str(script)], capture_output=True).stderr == b""


@pytest.fixture(scope="module")
def cells() -> list[dict[str, object]]:
    notebook = json.loads((EXAMPLES / "walkthrough.ipynb").read_text(encoding="utf-8"))
    assert (notebook["nbformat"], notebook["metadata"]["kernelspec"]["name"]) == (4, "python3")
    return notebook["cells"]


def test_the_notebook_holds_no_outputs_and_no_magics(cells: list[dict[str, object]]) -> None:
    for cell in cells:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [] and cell["execution_count"] is None
            assert not any(line.startswith(("%", "!")) for line in cell["source"])  # type: ignore[attr-defined]


@pytest.mark.slow
@pytest.mark.untraced
@pytest.mark.usefixtures("short_trial")
def test_the_notebook_runs_from_top_to_bottom(
    cells: list[dict[str, object]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("STEPS", "11")
    monkeypatch.setenv("FOLDER", str(tmp_path))
    names: dict[str, object] = {}
    for number, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), f"cell {number}", "exec"), names)  # type: ignore[arg-type]
    out = capsys.readouterr().out
    assert out.startswith("225 documents stay; {'exact_duplicate': 4")
    assert "TF-IDF" in out and "model.safetensors" in out
    assert names["curve"]._repr_svg_().count("polyline") == 1  # type: ignore[attr-defined]
