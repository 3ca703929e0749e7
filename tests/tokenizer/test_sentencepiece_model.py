"""The file of a sentencepiece model, field by field."""

from pathlib import Path

import pytest
from sentencepiece import SentencePieceProcessor

from gaupt.tokenizer.sentencepiece_model import (
    BPE,
    BYTE,
    CONTROL,
    NORMAL,
    UNKNOWN,
    USER_DEFINED,
    WORD,
    read_model,
)
from tests.tokenizer.vocabularies import learn


def kinds(model: SentencePieceProcessor) -> dict[str, int]:
    """Of each piece the kind that sentencepiece says it has; of its own name alone where it is the user's."""

    def kind(id_: int) -> int:
        if model.is_unknown(id_) or model.is_control(id_):
            return UNKNOWN if model.is_unknown(id_) else CONTROL
        return BYTE if model.is_byte(id_) else NORMAL

    return {model.id_to_piece(id_): kind(id_) for id_ in range(len(model))}


@pytest.mark.slow
def test_pieces_scores_and_kinds_are_those_of_sentencepiece(lines: list[str], tmp_path: Path) -> None:
    own = learn(lines, tmp_path / "m", byte_fallback=True, vocab_size=700, user_defined_symbols=["<br>"])
    pieces = read_model((tmp_path / "m").read_bytes()).pieces
    assert [(p.piece, p.score) for p in pieces] == [
        (own.id_to_piece(i), own.get_score(i)) for i in range(len(own))
    ]
    assert {p.piece: p.type for p in pieces} == {**kinds(own), "<br>": USER_DEFINED}


@pytest.mark.slow
@pytest.mark.parametrize(("type_", "number"), [("unigram", 1), ("bpe", BPE), ("word", WORD)])
def test_the_kind_of_a_model_is_read(type_: str, number: int, lines: list[str], tmp_path: Path) -> None:
    learn(lines, tmp_path / "m", model_type=type_, hard_vocab_limit=False)
    assert read_model((tmp_path / "m").read_bytes()).trainer_spec.model_type == number


@pytest.mark.slow
@pytest.mark.parametrize("set_", [True, False])
def test_normalization_is_read(set_: bool, lines: list[str], tmp_path: Path) -> None:
    learn(
        lines, tmp_path / "m", add_dummy_prefix=set_, remove_extra_whitespaces=set_, treat_whitespace_as_suffix=set_,
        normalization_rule_name="nmt_nfkc" if set_ else "identity",
    )  # fmt: skip
    model = read_model((tmp_path / "m").read_bytes())
    spec = model.normalizer_spec
    assert (spec.add_dummy_prefix, spec.remove_extra_whitespaces) == (set_, set_)
    assert bool(spec.precompiled_charsmap) == model.trainer_spec.treat_whitespace_as_suffix == set_


def test_what_a_file_leaves_out_has_sentencepieces_defaults() -> None:
    empty = read_model(b"")
    assert empty.normalizer_spec.add_dummy_prefix and empty.normalizer_spec.remove_extra_whitespaces
    assert empty.trainer_spec.model_type == 1 and not empty.trainer_spec.treat_whitespace_as_suffix
    assert empty.pieces.add(piece="中").type == NORMAL


@pytest.mark.slow
def test_what_is_changed_is_written_and_the_rest_is_kept(lines: list[str], tmp_path: Path) -> None:
    before = learn(lines, tmp_path / "m", pad_id=3, bos_piece="[CLS]")  # neither is a field that is described
    model = read_model((tmp_path / "m").read_bytes())
    model.pieces[10].score = -3.5
    after = SentencePieceProcessor(model_proto=model.SerializeToString())
    assert after.get_score(10) == -3.5 != before.get_score(10)
    assert (after.pad_id(), after.bos_id(), after.id_to_piece(1)) == (3, 1, "[CLS]")
    assert [after.id_to_piece(i) for i in range(len(after))] == [
        before.id_to_piece(i) for i in range(len(before))
    ]
