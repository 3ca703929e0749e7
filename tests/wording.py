"""What tests ask of a table of Chinese texts."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType


def texts_said(*modules: ModuleType) -> Iterator[str]:
    """The texts in calls of ``say`` in ``modules``: literal ones, so that they can be found."""
    for module in modules:
        assert module.__file__ is not None
        for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                text = node.args[0]
                assert isinstance(text, ast.Constant), (
                    f"{module.__name__}, line {node.lineno}: no literal text"
                )
                yield text.value


def check_placeholders(chinese: Mapping[str, str]) -> None:
    """Each Chinese text has the values of its English in it, written alike."""
    for english, text in chinese.items():
        assert sorted(re.findall(r"\{.*?\}", english)) == sorted(re.findall(r"\{.*?\}", text)), english
