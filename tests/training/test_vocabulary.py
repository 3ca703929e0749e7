"""Which vocabularies a model goes on with, and the rows that new pieces begin with."""

from pathlib import Path

import pytest
import torch

from gaupt.config import Config
from gaupt.errors import GauptError
from gaupt.tokenizer.build import build_tokenizer
from gaupt.tokenizer.load import load_tokenizer
from gaupt.training.vocabulary import EMBEDDING, check_tokenizer, cut, new_pieces, with_pieces

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "天", "地", "a", "##b", "b"]


def write(folder: Path, pieces: list[str]) -> Path:
    """A vocabulary of ``pieces``, where shards have theirs."""
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    build_tokenizer(None, folder / "tokenizer", Config(), source=folder / "vocab.txt")
    return folder


def test_the_same_vocabulary_has_nothing_new(tmp_path: Path) -> None:
    model, shards = write(tmp_path / "model", PIECES) / "tokenizer", write(tmp_path / "shards", PIECES)
    check_tokenizer(model, shards, "MODEL")
    assert new_pieces(model, shards) == []


def test_pieces_behind_the_models_are_cut_as_its_tokenizer_cuts_their_text(tmp_path: Path) -> None:
    model = write(tmp_path / "model", PIECES) / "tokenizer"
    shards = write(tmp_path / "shards", [*PIECES, "abb", "##bb", "水", "a水"])
    check_tokenizer(model, shards, "MODEL")
    # A piece inside of a word is cut as its text; of what is unknown nothing is left.
    assert new_pieces(model, shards) == [[7, 8, 8], [9, 8], [], [7]]
    old, new = load_tokenizer(model), load_tokenizer(shards / "tokenizer")
    assert cut(old, new, new.vocab_size - 1) == [7]


@pytest.mark.parametrize(
    "pieces",
    [
        PIECES[:-1],
        [*PIECES[:-1], "c"],
        [*PIECES[:5], "地", "天", *PIECES[7:]],
        ["[UNK]", "[PAD]", *PIECES[2:]],
    ],
)
def test_another_vocabulary_is_refused_with_both_named_and_the_way_out(
    pieces: list[str], tmp_path: Path
) -> None:
    model, shards = write(tmp_path / "model", PIECES) / "tokenizer", write(tmp_path / "shards", pieces)
    with pytest.raises(GauptError) as refused:
        check_tokenizer(model, shards, "MODEL")
    for part in (
        f"(char, {len(pieces)} pieces, {load_tokenizer(shards / 'tokenizer').fingerprint[:8]})",
        f"MODEL (char, 10 pieces, {load_tokenizer(model).fingerprint[:8]})",
        "gaupt shard CLEAN --tokenizer MODEL",
        "gaupt tokenizer --from MODEL --extend WORDS",
    ):
        assert part in str(refused.value)


def test_new_rows_are_the_mean_of_their_pieces_and_old_ones_stay() -> None:
    old = {EMBEDDING: torch.arange(12.0).reshape(4, 3), "head.bias": torch.arange(4.0), "x": torch.ones(2)}
    new = with_pieces(old, 4, [[0, 3], [2, 2, 1], []])
    assert torch.equal(new[EMBEDDING][:4], old[EMBEDDING]) and torch.equal(new["x"], old["x"])
    # Rows 0 and 3; rows 2, 2 and 1; all rows.
    expected = torch.tensor([[4.5, 5.5, 6.5], [5.0, 6.0, 7.0], [4.5, 5.5, 6.5]])
    assert torch.equal(new[EMBEDDING][4:], expected)
    assert torch.allclose(new["head.bias"], torch.tensor([0.0, 1.0, 2.0, 3.0, 1.5, 5 / 3, 1.5]))
    assert old[EMBEDDING].shape == (4, 3)


def test_nothing_new_changes_nothing() -> None:
    old = {EMBEDDING: torch.ones(4, 3)}
    assert with_pieces(old, 4, []) == old


def test_rows_behind_the_last_piece_are_left_out() -> None:
    weights = {
        EMBEDDING: torch.arange(12.0).view(6, 2),
        "head.bias": torch.arange(6.0),
        "other": torch.ones(6),
    }
    for pieces in ([], [[0, 1]]):
        grown = with_pieces(weights, 4, pieces)
        assert torch.equal(grown[EMBEDDING][:4], weights[EMBEDDING][:4]) and len(grown["other"]) == 6
        assert len(grown[EMBEDDING]) == len(grown["head.bias"]) == 4 + len(pieces)
