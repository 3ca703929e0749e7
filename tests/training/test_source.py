"""A run that goes on from a model: what it begins with, what it remembers, and what is refused."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from gaupt.checkpoint.load import load_model
from gaupt.checkpoint.run_folder import checkpoint_folders, newest_checkpoint
from gaupt.config import Config
from gaupt.errors import GauptError
from gaupt.exporting import hf
from gaupt.model.config import RoFormerConfig
from gaupt.progress import Progress
from gaupt.training import pretrain as pretraining
from gaupt.training.choose import choose_config
from gaupt.training.pretrain import plan, pretrain
from gaupt.training.source import check_shape, find_source
from tests.evaluation.small import write_model
from tests.training.runs import changed, final_weights, same_tensors

SHORT = {"steps": 2, "log_every": 1, "eval_every": 9, "checkpoint_every": 1, "keep_checkpoints": 9}


@pytest.fixture(scope="module")
def short(tiny_config: Config) -> Config:
    return changed(tiny_config, **SHORT)


@pytest.fixture(scope="module")
def continued(
    tmp_path_factory: pytest.TempPathFactory, finished: Path, prepared: Path, short: Config
) -> Path:
    """A run of two steps that went on from ``finished``. Read only."""
    run = tmp_path_factory.mktemp("continued") / "law"
    pretrain(prepared, run, short, source=finished, workers=0)
    return run


def weights_of(folder: Path) -> dict[str, torch.Tensor]:
    return load_model(folder).model.state_dict()


def test_it_begins_with_the_models_weights_at_step_0_of_a_fresh_optimizer(
    continued: Path, finished: Path
) -> None:
    first = checkpoint_folders(continued)[-1]
    assert first.name == "step-0000000" and newest_checkpoint(continued).step == 2
    assert same_tensors(weights_of(first), final_weights(finished))
    assert not same_tensors(final_weights(continued), final_weights(finished))
    rates = [json.loads(line).get("lr") for line in (continued / "metrics.jsonl").read_text().splitlines()]
    assert rates[0] == 0.01  # its own warm-up: a third of two steps


def test_where_it_came_from_is_told_by_name(continued: Path, finished: Path) -> None:
    told = {"name": finished.name, "step": 6, "weights": find_source(finished, "nowhere").fingerprint}
    for folder in checkpoint_folders(continued):
        facts = json.loads((folder / "manifest.json").read_text())["facts"]
        assert facts["from"] == told
    assert json.loads((continued / "summary.json").read_text())["from"] == "run at step 6"
    for path in (continued / "stage.json", continued / "summary.json", continued / "config.toml"):
        assert str(finished.parent) not in path.read_text()


@pytest.mark.slow
def test_an_exported_folder_gives_the_same_beginning(
    finished: Path, prepared: Path, short: Config, continued: Path, tmp_path: Path
) -> None:
    hf.export(finished, tmp_path / "export")
    pretrain(prepared, tmp_path / "run", short, source=tmp_path / "export", workers=0)
    assert same_tensors(final_weights(tmp_path / "run"), final_weights(continued))
    assert newest_checkpoint(tmp_path / "run").facts["from"]["name"] == "export"


def test_the_same_call_finds_it_complete_and_another_model_is_refused(
    continued: Path, finished: Path, prepared: Path, short: Config
) -> None:
    for source in (finished, finished / "checkpoints/step-0000006", None, "gone"):
        assert pretrain(prepared, continued, short, source=source)["steps"] == 2
    with pytest.raises(GauptError, match="input --from changed"):
        pretrain(prepared, continued, short, source=finished / "checkpoints/step-0000003")


def test_a_run_that_began_from_nothing_does_not_go_on_from_a_model(
    finished: Path, continued: Path, prepared: Path, tiny_config: Config
) -> None:
    with pytest.raises(GauptError, match="input --from added"):
        pretrain(prepared, finished, tiny_config, source=continued)


@pytest.mark.slow
@pytest.mark.parametrize("known", [True, False])
def test_interrupted_it_goes_on_without_the_model_bit_for_bit(
    known: bool, finished: Path, continued: Path, prepared: Path, short: Config, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    model = tmp_path / "model"
    shutil.copytree(finished, model)
    with monkeypatch.context() as patch:
        patch.setattr(pretraining, "fit", lambda *_: (_ for _ in ()).throw(MemoryError))
        with pytest.raises(MemoryError):
            pretrain(prepared, tmp_path / "law", short, source=model)
    shutil.rmtree(model)
    assert plan(prepared, tmp_path / "law", short, source=model if known else None).facts["from"] == (
        "the model that the run began from"
    )
    pretrain(prepared, tmp_path / "law", short, source=model if known else None, workers=0)
    assert same_tensors(final_weights(tmp_path / "law"), final_weights(continued))


def test_its_config_has_the_models_shape_and_goes_on_as_it_began(
    continued: Path, finished: Path, tmp_path: Path
) -> None:
    chosen = choose_config(tmp_path / "new", "small", source=finished)
    assert (chosen.model.num_layers, chosen.model.hidden_size, chosen.train.steps) == (2, 32, 20_000)
    assert choose_config(continued, source=finished).train.steps == 2
    assert choose_config(continued, "small").model.hidden_size == 32
    with pytest.raises(GauptError, match=r"has model\.num_layers = 2"):
        choose_config(tmp_path / "new", overrides=["model.num_layers=3"], source=finished)


def test_a_config_of_another_shape_is_refused(tmp_path: Path, tiny_config: Config, finished: Path) -> None:
    source = find_source(finished, tmp_path / "new")
    check_shape(changed(tiny_config, "model", dropout=0.5), source)
    with pytest.raises(GauptError, match=r"num_layers = 3 and not 2 as in .*run; a run that goes on"):
        check_shape(changed(tiny_config, "model", num_layers=3), source)


def test_shards_of_another_tokenizer_are_refused_before_anything_is_written(
    tmp_path: Path, prepared: Path, tiny_config: Config
) -> None:
    model = write_model(tmp_path / "model")
    for call in (plan, pretrain):
        with pytest.raises(GauptError, match=r"was made with another tokenizer \(char, 1,500 pieces"):
            call(prepared, tmp_path / "run", choose_config(tmp_path / "run", source=model), source=model)
    assert not (tmp_path / "run").exists()


def test_what_is_no_model_and_what_is_the_run_itself_are_refused(
    tmp_path: Path, prepared: Path, finished: Path
) -> None:
    with pytest.raises(GauptError, match="is a folder of gaupt prepare, not a run"):
        find_source(prepared, tmp_path / "run")
    with pytest.raises(GauptError, match="nowhere does not exist"):
        find_source(tmp_path / "nowhere", finished)
    for path in (finished, finished / "checkpoints/step-0000003"):
        with pytest.raises(GauptError, match="is in the folder of the run itself; choose another -o folder"):
            find_source(path, finished)


@pytest.mark.slow
def test_a_roformer_goes_on_with_its_vocabulary_bias(
    tmp_path: Path, prepared: Path, short: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    model = RoFormerConfig(
        version=1, hidden_size=32, num_layers=1, num_heads=2, feedforward_size=48, max_length=64
    )
    config = short.model_copy(update={"model": model})
    pretrain(prepared, tmp_path / "v1", config, workers=0)
    longer = extended(prepared, tmp_path)
    pretrain(longer, tmp_path / "run", config, source=tmp_path / "v1", workers=0, progress=Progress())
    assert "from:      v1 at step 2; 2 new pieces begin as the mean of theirs" in capsys.readouterr().err
    old, new = final_weights(tmp_path / "v1"), weights_of(checkpoint_folders(tmp_path / "run")[-1])
    for name in ("encoder.token_embedding.weight", "head.bias"):
        assert torch.equal(new[name][:1500], old[name]) and new[name].shape[0] == 1502
    assert torch.isfinite(final_weights(tmp_path / "run")["head.bias"]).all()


def extended(prepared: Path, here: Path) -> Path:
    """The shards of ``prepared`` with two pieces more in their vocabulary."""
    from gaupt.shards.build import build_shards
    from gaupt.tokenizer.build import build_tokenizer
    from tests.made_documents import small_config

    vocabulary = (prepared / "tokenizer/vocab.txt").read_text(encoding="utf-8")
    (here / "vocab.txt").write_text(vocabulary + "pretraining\nmasked\n", encoding="utf-8")
    build_tokenizer(None, here / "longer", small_config(), source=here / "vocab.txt")
    build_shards(prepared / "clean", here / "longer", here / "shards", small_config(), workers=1)
    return here / "shards"
