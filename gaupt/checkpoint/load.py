"""MODEL of the command line: a run, a checkpoint or an exported folder, opened alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from gaupt.checkpoint.exported import is_exported, read_exported
from gaupt.checkpoint.finetuned import FineTuned
from gaupt.checkpoint.format import Checkpoint, open_checkpoint
from gaupt.checkpoint.run_folder import newest_checkpoint
from gaupt.errors import GauptError
from gaupt.files import AnyPath
from gaupt.folders import MODELS, unexpected
from gaupt.model.config import ModelConfig
from gaupt.model.family import build_head, masked_lm
from gaupt.model.masked_lm import MaskedLM
from gaupt.seal import MANIFEST
from gaupt.tokenizer.load import TOKENIZER, Tokenizer, load_tokenizer

ADAPTER = "adapter_config.json"
"""What peft saves of weights that it adds to a model."""


@dataclass(frozen=True)
class LoadedModel:
    """A masked LM in eval mode on the CPU, float32, and where it comes from."""

    model: MaskedLM
    tokenizer: Path
    """Folder of the tokenizer's files."""
    source: Path
    """The checkpoint or exported folder that was read."""
    checkpoint: Checkpoint | None
    """None for an exported folder."""
    finetuned: FineTuned | None = None
    """The head of an exported folder that was fine-tuned for a task."""
    new_head: bool = False
    """Whether the folder lacked the masked-LM head, which then is drawn anew."""

    @property
    def parameters(self) -> int:
        """Trainable numbers in the model; tied ones count once."""
        return sum(p.numel() for p in self.model.parameters() if p.requires_grad)

    def vocabulary(self) -> Tokenizer:
        """Its tokenizer.

        Raises:
            GauptError: it is damaged, or has ids that the model has no rows for.
        """
        tokenizer, rows = load_tokenizer(self.tokenizer), self.model.config.vocab_size
        if tokenizer.vocab_size > rows:
            raise GauptError(
                f"{self.tokenizer / TOKENIZER} is of another model: it has {tokenizer.vocab_size} tokens, and the "
                f"embedding {rows} rows"
            )
        return tokenizer


def load_model(path: AnyPath, warn: Callable[[str], None] = lambda message: None) -> LoadedModel:
    """Load MODEL: a run (its newest undamaged checkpoint), a checkpoint, or an exported Hugging Face folder.

    ``warn`` hears of damaged checkpoints that were passed over.

    Raises:
        GauptError: ``path`` is none of these, is damaged, or its weights are another model's.
    """
    path = Path(path)
    if is_exported(path):
        if not (path / TOKENIZER).is_file():
            raise GauptError(
                f"{path / TOKENIZER} is missing; copy the whole folder, save its tokenizer there too, or export again"
            )
        exported = read_exported(path)
        weights, lacking = exported.weights, _lacking_head(exported.config, exported.weights)
        if lacking and exported.finetuned is None:
            warn(
                f"{path} was saved without its masked-LM head, which is drawn anew: train it before it predicts"
            )
        model = _model(exported.config, lacking | weights, path)
        return LoadedModel(model, path, path, None, exported.finetuned, bool(lacking))
    checkpoint = find_checkpoint(path, warn)
    model = _model(checkpoint.config.model, checkpoint.weights(), checkpoint.folder)
    return LoadedModel(model, checkpoint.tokenizer, checkpoint.folder, checkpoint)


def find_checkpoint(path: Path, warn: Callable[[str], None] = lambda message: None) -> Checkpoint:
    """The checkpoint at ``path``, or the newest undamaged one of the run at ``path``.

    Raises:
        GauptError: there is none, or it is damaged.
    """
    if (path / MANIFEST).is_file():
        return open_checkpoint(path)
    if (path / ADAPTER).is_file():
        raise GauptError(
            f"{path} is an adapter of peft, not a model: merge it (merge_and_unload), save that and its tokenizer, and "
            "give that folder"
        )
    checkpoint = newest_checkpoint(path, warn)
    if checkpoint is None:
        raise unexpected(path, *MODELS, remedy="gaupt import makes a checkpoint of a public one", hub=True)
    return checkpoint


def load_weights(module: torch.nn.Module, checkpoint: Checkpoint) -> None:
    """Fill ``module`` with the checkpoint's weights.

    Raises:
        GauptError: they are another model's (the message names the first difference).
    """
    load_state(module, checkpoint.weights(), where=str(checkpoint.folder))


def load_state(
    module: torch.nn.Module, weights: Mapping[str, torch.Tensor], where: str, *, assign: bool = False
) -> None:
    """Copy ``weights`` into ``module``; names and shapes must match, else GauptError naming ``where``.

    ``assign`` makes them the module's own instead, so that it may have been built on the meta device.
    """
    own = module.state_dict()
    for name in sorted(own.keys() | weights.keys()):
        if name not in weights:
            problem = f"{name} is missing"
        elif name not in own:
            problem = f"{name} is not a part of this model"
        elif own[name].shape != weights[name].shape:
            problem = (
                f"{name} has shape {tuple(weights[name].shape)}, this model needs {tuple(own[name].shape)}"
            )
        else:
            continue
        raise GauptError(f"{where} holds another model's weights: {problem}")
    module.load_state_dict(dict(weights), assign=assign)


def count_layers(weights: Mapping[str, torch.Tensor]) -> int:
    """Of how many layers there are tensors under our names."""
    return len({name.split(".")[2] for name in weights if name.startswith("encoder.layers.")})


def check_numbers(weights: Mapping[str, torch.Tensor], where: str) -> None:
    """Refuse weights that are not all numbers.

    Raises:
        GauptError: one is not; ``where`` says whose they are.
    """
    if name := next((name for name, tensor in weights.items() if not tensor.isfinite().all()), None):
        raise GauptError(f"{where} is damaged: {name} holds what is no number; take a copy that is whole")


def _lacking_head(config: ModelConfig, weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """A masked-LM head for weights without any tensor of one; empty where they have one, or need none.

    What is saved of an encoder alone, or with the head of a task, has none: for GAU and RoFormerV2 the embedding is it.
    """
    embedding = weights.get("encoder.token_embedding.weight")
    if embedding is None or embedding.shape != (config.vocab_size, config.hidden_size):
        return {}  # a damaged config may tell of any number
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        needed = build_head(config).state_dict(prefix="head.")
    return {} if needed.keys() & weights.keys() else needed


def _model(config: ModelConfig, weights: Mapping[str, torch.Tensor], where: Path) -> MaskedLM:
    # Before they are built: a damaged config may tell of any number.
    if config.num_layers > (layers := count_layers(weights)):
        raise GauptError(f"{where} holds another model's weights: encoder.layers.{layers} is missing")
    check_numbers(weights, str(where))
    with torch.device("meta"):
        model = masked_lm(config)
    load_state(model, weights, str(where), assign=True)
    return model.eval()
