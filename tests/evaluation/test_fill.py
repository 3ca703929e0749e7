"""What a model predicts for each [MASK] of a text."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from gaupt.checkpoint.format import Checkpoint, save_checkpoint
from gaupt.checkpoint.load import load_model
from gaupt.config import Config
from gaupt.errors import GauptError
from gaupt.evaluation.fill import fill_masks, format_filled
from gaupt.model.config import ModelConfig, RoFormerConfig
from gaupt.model.family import masked_lm
from gaupt.tokenizer.build import build_tokenizer
from gaupt.tokenizer.load import load_tokenizer
from tests.exporting.folders import QUIET

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
VOCABULARY = [*SPECIAL, *"今天气很好", "good", "##s", "s", "[unused1]"]
SHOWN = [*"今天气很好", "good", "s"]
SMALL = RoFormerConfig(
    version=1, vocab_size=len(VOCABULARY), hidden_size=16, num_layers=1, num_heads=2, feedforward_size=16,
    max_length=12,
)  # fmt: skip


@pytest.mark.slow
def test_it_does_not_wait_for_torchs_compiler() -> None:
    code = "import sys, gaupt.evaluation.fill; print('torch' in sys.modules, 'torch._dynamo' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True False\n"


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fill")
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n", encoding="utf-8")
    build_tokenizer(None, folder / "tokenizer", Config(), source=folder / "vocab.txt")
    return folder / "tokenizer"


def write_model(folder: Path, tokenizer: Path, *likely: str, config: ModelConfig = SMALL) -> Checkpoint:
    """A random model that finds the tokens ``likely``, in this order, much likelier than all others."""
    torch.manual_seed(0)
    weights = masked_lm(config).state_dict()
    for rank, token in enumerate(likely):
        weights["head.bias"][VOCABULARY.index(token)] = 100.0 - rank
    return save_checkpoint(folder, weights, Config(model=config), tokenizer)


def test_the_likeliest_tokens_come_first_and_the_likeliest_fills_the_text(
    tokenizer: Path, tmp_path: Path
) -> None:
    model = write_model(tmp_path / "m", tokenizer, "好", "很")
    (result,) = fill_masks(model.folder, ["今天[MASK]气[MASK]"], top=2, progress=QUIET)
    assert result["text"] == "今天[MASK]气[MASK]" and result["filled"] == "今天好气好"
    assert [[guess["token"] for guess in mask] for mask in result["masks"]] == [["好", "很"]] * 2
    for first, second in result["masks"]:
        assert first["probability"] > second["probability"] > 0
        assert first["probability"] + second["probability"] == pytest.approx(1)


def test_probabilities_are_the_models_over_its_whole_vocabulary(tokenizer: Path, tmp_path: Path) -> None:
    model = write_model(tmp_path / "m", tokenizer)
    (result,) = fill_masks(model.folder, ["今[MASK]"], top=len(VOCABULARY), progress=QUIET)
    ids = torch.tensor([[2, VOCABULARY.index("今"), 4, 3]])
    with torch.inference_mode():
        expected = dict(
            zip(VOCABULARY, load_model(model.folder).model(ids)[0, 2].softmax(-1).tolist(), strict=True)
        )
    expected["s"] += expected["##s"]  # which people read alike
    ((*guesses,),) = result["masks"]
    shown = {guess["token"]: guess["probability"] for guess in guesses}
    assert shown == pytest.approx({token: expected[token] for token in SHOWN})
    assert sum(shown.values()) < 1


def test_what_is_no_text_is_not_shown_however_likely(tokenizer: Path, tmp_path: Path) -> None:
    model = write_model(tmp_path / "m", tokenizer, *SPECIAL, "[unused1]", "好")
    (result,) = fill_masks(model.folder, ["今[MASK]"], top=2, progress=QUIET)
    assert result["filled"] == "今好"
    assert result["masks"][0][0] == {"token": "好", "probability": pytest.approx(0, abs=1e-2)}


def test_no_more_guesses_than_the_vocabulary_has_pieces_to_show(tokenizer: Path, tmp_path: Path) -> None:
    model = write_model(tmp_path / "m", tokenizer)
    (result,) = fill_masks(model.folder, ["[MASK]"], top=1_000, progress=QUIET)
    assert {guess["token"] for guess in result["masks"][0]} == set(SHOWN)


@pytest.mark.parametrize(("piece", "read"), [("##s", "s"), ("s", "s"), ("good", "good")])
def test_a_piece_is_shown_and_filled_in_as_people_read_it(
    piece: str, read: str, tokenizer: Path, tmp_path: Path
) -> None:
    model = write_model(tmp_path / "m", tokenizer, piece)
    (result,) = fill_masks(model.folder, ["很[MASK]"], top=1, progress=QUIET)
    assert (result["masks"][0][0]["token"], result["filled"]) == (read, f"很{read}")


def test_each_text_has_its_own_result(tokenizer: Path, tmp_path: Path) -> None:
    model = write_model(tmp_path / "m", tokenizer, "天")
    texts = ["[MASK]", "今[MASK]很[MASK]"]
    results = fill_masks(model.folder, texts, top=1, progress=QUIET)
    assert [result["filled"] for result in results] == ["天", "今天很天"]
    assert fill_masks(model.folder, [], top=1, progress=QUIET) == []


def test_a_text_as_long_as_the_model_is_filled_and_a_longer_one_refused(
    tokenizer: Path, tmp_path: Path
) -> None:
    model = write_model(tmp_path / "m", tokenizer)
    longest = "好" * 9 + "[MASK]"  # and [CLS] and [SEP]
    assert len(load_tokenizer(tokenizer).encode(longest)) == 10
    assert fill_masks(model.folder, [longest], top=1, progress=QUIET)
    with pytest.raises(GauptError, match="has 11 tokens; this model takes 10"):
        fill_masks(model.folder, [f"好{longest}"], top=1, progress=QUIET)


def test_a_text_without_a_mask_is_refused_before_the_model_is_looked_for(tmp_path: Path) -> None:
    with pytest.raises(GauptError, match=r"no \[MASK\] in '今天'; write \[MASK\]"):
        fill_masks(tmp_path / "nowhere", ["[MASK]", "今天"], top=1, progress=QUIET)
    with pytest.raises(GauptError, match="nowhere does not exist"):
        fill_masks(tmp_path / "nowhere", ["[MASK]"], top=1, progress=QUIET)


def test_a_path_among_the_texts_is_told(tmp_path: Path) -> None:
    (tmp_path / "texts.txt").touch()
    with pytest.raises(GauptError, match="the model comes first"):
        fill_masks("[MASK]", [str(tmp_path)], progress=QUIET)
    with pytest.raises(GauptError, match=r"gaupt fill MODEL < .*texts\.txt"):
        fill_masks("run", [str(tmp_path / "texts.txt")], progress=QUIET)


def test_the_table_has_a_line_for_each_mask_below_its_text() -> None:
    guesses = [{"token": "天", "probability": 0.75}, {"token": "气", "probability": 0.1234}]
    results = [{"text": "今[MASK][MASK]", "filled": "今天气", "masks": [guesses, guesses[1:]]}]
    assert format_filled(results).split("\n") == [
        "今[MASK][MASK]",
        "  → 今天气",
        "  1: 天 75.0%  气 12.3%",
        "  2: 气 12.3%",
    ]


def test_a_space_that_is_predicted_is_seen() -> None:
    results = [{"text": "[MASK]", "filled": " ", "masks": [[{"token": " ", "probability": 0.5}]]}]
    assert format_filled(results).endswith("  1: ␣ 50.0%")
