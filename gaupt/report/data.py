"""The tokenizer and shards parts of a report."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaupt.inspection import fit
from gaupt.language import Wording
from gaupt.report.html import Markup, escape, facts, heading, note, section, table
from gaupt.shards.format import open_shards

if TYPE_CHECKING:
    from gaupt.tokenizer.quality import Piece


def tokenizer_section(report: Mapping[str, Any], folder: Path, say: Wording) -> tuple[str, Markup]:
    """The facts in a tokenizer's ``report.json``; how it fits its corpus and cuts it, where that is still there."""
    # Where the documents are says nothing to a reader of the page.
    told = {say.term(name): value for name, value in report.items() if name != "documents"}
    parts = [facts(told)]
    fitted = fit(folder)
    if fitted is None:
        parts.append(note(say("Its corpus is not here, so that its coverage is not known.")))
    else:
        quality, samples = fitted
        measured = {
            say("characters per token"): quality.characters_per_token,
            say("coverage: characters that are in the vocabulary"): f"{quality.coverage:.2%}",
            say("[UNK] among the tokens"): f"{quality.unknown_share:.2%}",
            say("words that are one token"): f"{quality.words_of_one_token:.1%}",
            say(
                "words of two characters and more that are one token"
            ): f"{quality.long_words_of_one_token:.1%}",
            say("of the vocabulary occurs"): f"{quality.used:.1%}",
        }
        parts += [heading(say("How it fits its corpus")), facts(measured), *_cuts(samples, say)]
    return section(say("Tokenizer"), *parts)


def _cuts(samples: "Sequence[Sequence[Piece]]", say: Wording) -> list[Markup]:
    """Lines of the corpus as the tokenizer cuts them: pieces in frames, those that go on a word close to it."""
    shown = []
    for pieces in samples:
        framed = "".join(
            f'<span class="piece{" joins" if piece.joins else ""}{"" if piece.known else " unknown"}">'
            f"{escape(piece.text)}</span>"
            for piece in pieces
        )
        shown.append(Markup(f'<p lang="zh">{framed}</p>'))
    words = say("Frames are pieces; those of one word touch. What the vocabulary lacks is colored.")
    return [heading(say("Cut samples")), note(words), *shown] if shown else []


def shards_section(folder: Path, say: Wording) -> tuple[str, Markup]:
    """Documents, tokens and samples by split."""
    shards = open_shards(folder)
    rows = [
        (say.term(split), counts["documents"], counts["tokens"], counts["samples"])
        for split, counts in shards.manifest["splits"].items()
    ]
    size = sum(file["bytes"] for file in shards.manifest["files"].values())
    return section(
        say("Token shards"),
        table(rows, (say("split"), say("documents"), say("tokens"), say("samples")), say("By split")),
        facts({say("bytes on disk"): size, say("tokens in the longest sample"): shards.seq_len}),
    )
