"""``gaupt inspect``: what a folder of ours holds, and whether it is intact."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gaupt.cli import options
from gaupt.visible import visible


def inspect(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="Folder that gaupt wrote, or several."),
    ],
    verify: Annotated[bool, typer.Option("--verify", help="Check every checksum.")] = False,
    text: Annotated[
        Path | None,
        typer.Option("--text", help="Text or documents to measure a tokenizer on; else its corpus."),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Show what a folder holds; --verify checks every checksum."""
    from gaupt.errors import GauptError
    from gaupt.inspection import common_text, describe, kind_of, verify_folder

    if text is not None and not any(kind_of(path) == "tokenizer" for path in paths):
        raise GauptError("--text is for tokenizers to be measured on, and none is named; leave it out")
    facts = []
    text = text or common_text(paths)
    for path in paths:
        verified = {"verified files": verify_folder(path)} if verify else {}
        facts.append({"path": str(path), **describe(path, text), **verified})
    if as_json:
        options.print_json(facts[0] if len(facts) == 1 else facts)
        return
    lists = {name for fact in facts for name, value in fact.items() if isinstance(value, list)}
    names = list(dict.fromkeys(name for fact in facts for name in fact))
    width = max(len(visible(name)) for name in names)
    for name in (name for name in names if name not in lists):
        print(
            "  ".join(
                [visible(name).ljust(width), *(_shown(name, fact.get(name, "")).rjust(24) for fact in facts)]
            )
        )
    for name in (name for name in names if name in lists):
        print(visible(name))
        for fact in (fact for fact in facts if name in fact):
            print(visible(f"  {fact['path']}: {'  '.join(fact[name])}"))


_SHARES = ("coverage", "share", "of one token", "used", "accuracy")


def _shown(name: str, value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.2%}" if name.endswith(_SHARES) else f"{value:.3f}"
    return f"{value:,}" if isinstance(value, int) else visible(value)
