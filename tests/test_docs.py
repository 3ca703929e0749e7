"""Pages that would go stale by themselves: options.md is what the config sections say, python.md runs."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from gaupt.config.reference import sections

DOCS = Path(__file__).resolve().parents[1] / "docs"


@pytest.fixture(scope="module")
def options() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_options", DOCS / "options.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_options_is_current(options: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    options.main()
    assert capsys.readouterr().out == (DOCS / "options.md").read_text(encoding="utf-8"), "run make options"


def test_the_page_of_options_has_every_option() -> None:
    page = (DOCS / "options.md").read_text(encoding="utf-8")
    for section in sections():
        assert not section.title or f"\n## [{section.title}]\n" in page
        for option in section.options:
            assert f"`{option.key.rpartition('.')[2]}`" in page


@pytest.mark.slow
def test_the_code_of_the_python_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (DOCS / "python.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", page, flags=re.M | re.S)
    assert len(blocks) > 5
    monkeypatch.chdir(tmp_path)
    exec(compile("\n".join(blocks), "docs/python.md", "exec"), {})
    out = capsys.readouterr().out
    assert "225 documents kept, {'exact_duplicate': 4" in out
    assert "他在这" in out
    assert out.strip().endswith("no-such-folder does not exist")
