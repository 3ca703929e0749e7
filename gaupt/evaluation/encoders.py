"""Any MODEL as an encoder to be probed or fine-tuned: one of ours, or a folder of transformers."""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer as FastTokenizer
from torch import Tensor, nn

from gaupt.checkpoint.exported import CONFIG, is_exported
from gaupt.checkpoint.load import LoadedModel, check_numbers, load_model
from gaupt.errors import GauptError
from gaupt.files import AnyPath, read_json, refusing
from gaupt.model.config import ModelConfig, RoFormerConfig
from gaupt.model.family import build_encoder, masked_lm
from gaupt.model.masked_lm import MaskedLM
from gaupt.tokenizer.load import check_vocabulary, count_ids, unpadded

_LAYERS = ("num_hidden_layers", "num_layers", "n_layers", "n_layer", "encoder_layers")
"""What configs of transformers call the number of layers."""
_MOST_LAYERS = 1_000


@dataclass(frozen=True)
class Encoder:
    """A pretrained encoder and its vocabulary."""

    name: str
    """What tables call it."""
    source: Path
    """The checkpoint or folder that was read."""
    parameters: int
    """Of the encoder, embeddings included."""
    tokenizer: FastTokenizer
    pad: int
    cls: int
    sep: int
    mask: int | None
    unk: int | None
    hidden_size: int
    longest: int | None
    """Tokens that it can read at once; None: any number."""
    two_types: bool
    """Whether the second text of a pair has token type 1: models of ours have met type 0 alone."""
    build: Callable[[float, int], nn.Module]
    """(dropout, seed) to a network of its own with these weights: (ids, segments, types, states) to states [b, n, d],
    or to the first ``states`` [b, states, d]."""
    draw: Callable[[float, int], nn.Module]
    """The same network, freshly initialized from the seed."""
    masked_lm: Callable[[], nn.Module] | None
    """With the head of its pretraining: (ids, segments, types, positions) to logits [m, vocab]."""
    draw_masked_lm: Callable[[int], nn.Module]
    """The same, freshly initialized from the seed."""
    ours: LoadedModel | None
    """A model of the family, which a fine-tuned copy can be saved as."""


def load_encoder(
    path: AnyPath,
    name: str | None = None,
    *,
    trust_remote_code: bool = False,
    warn: Callable[[str], None] = lambda message: None,
) -> Encoder:
    """Load MODEL: a run, a checkpoint, an exported folder, or any encoder folder of transformers.

    Raises:
        GauptError: it is none, cannot be loaded, or brings code of its own and ``trust_remote_code`` is not set.
    """
    path = Path(path)
    if (path / CONFIG).is_file() and not is_exported(path):
        return _of_transformers(path, name or path.name, trust_remote_code)
    return of_ours(load_model(path, warn=warn), name or path.name)


def of_ours(loaded: LoadedModel, name: str) -> Encoder:
    """A model of the family as an encoder."""
    tokenizer = loaded.vocabulary()
    special = tokenizer.special

    def draw(dropout: float, seed: int) -> nn.Module:
        torch.manual_seed(seed)
        return build_encoder(replace(loaded.model.config, dropout=dropout))

    def build(dropout: float, seed: int) -> nn.Module:
        network = draw(dropout, seed)
        network.load_state_dict(loaded.model.encoder.state_dict())
        return network

    def draw_masked_lm(seed: int) -> nn.Module:
        torch.manual_seed(seed)
        return _Positioned(masked_lm(loaded.model.config))

    return Encoder(
        name=name,
        source=loaded.source,
        parameters=sum(parameter.numel() for parameter in loaded.model.encoder.parameters()),
        tokenizer=unpadded(tokenizer.fast),
        pad=special.pad,
        cls=special.cls,
        sep=special.sep,
        mask=special.mask,
        unk=special.unk,
        hidden_size=loaded.model.config.hidden_size,
        longest=_rotary_table(loaded.model.config),
        two_types=False,
        build=build,
        draw=draw,
        masked_lm=lambda: _Positioned(loaded.model),
        draw_masked_lm=draw_masked_lm,
        ours=loaded,
    )


def _rotary_table(config: ModelConfig) -> int | None:
    ends = isinstance(config, RoFormerConfig) and config.rotary_table
    return config.max_length if ends else None


def randomized(encoder: Encoder) -> Encoder:
    """The same network and vocabulary without what pretraining taught."""
    return replace(
        encoder,
        name=f"{encoder.name} (random)",
        build=encoder.draw,
        masked_lm=lambda: encoder.draw_masked_lm(0),
        ours=None,
    )


def embeddings(encoder: Encoder) -> Encoder:
    """The embedding layer of ``encoder`` alone: what can be told without context."""
    return replace(
        encoder,
        name=f"{encoder.name} (embeddings)",
        build=lambda dropout, seed: _Embeddings(encoder.build(dropout, seed)),
        masked_lm=None,
        ours=None,
    )


def mask_id(encoder: Encoder) -> int:
    """The id of ``[MASK]``.

    Raises:
        GauptError: the vocabulary has none.
    """
    if encoder.mask is None:
        raise GauptError(
            f"the vocabulary of {encoder.source} has no [MASK], which a masked LM is asked with; leave this model out"
        )
    return encoder.mask


class _Positioned(nn.Module):
    """A masked LM of ours, called as `Encoder.masked_lm` is."""

    def __init__(self, model: MaskedLM) -> None:
        super().__init__()
        self.model = copy.deepcopy(model)

    def forward(
        self, ids: Tensor, segments: Tensor | None, types: Tensor | None, positions: Tensor
    ) -> Tensor:
        return self.model(ids, segments, types, positions=positions)  # type: ignore[no-any-return]


class _Embeddings(nn.Module):
    """The token embedding of a network, called as the network is."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        body: Any = network
        self.table: nn.Module = (
            body.model.get_input_embeddings() if isinstance(network, _States) else body.token_embedding
        )

    def forward(
        self,
        ids: Tensor,
        segments: Tensor | None,
        types: Tensor | None = None,
        states: int | None = None,
    ) -> Tensor:
        return self.table(ids[:, :states])  # type: ignore[no-any-return]


class _States(nn.Module):
    """An encoder of transformers, called as ours are."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(
        self,
        ids: Tensor,
        segments: Tensor | None,
        types: Tensor | None = None,
        states: int | None = None,
    ) -> Tensor:
        found: Tensor = self.model(**_arguments(ids, segments, types)).last_hidden_state
        return found[:, :states]


class _Logits(nn.Module):
    """A masked LM of transformers, called as ours are."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, ids: Tensor, segments: Tensor | None, types: Tensor | None, positions: Tensor
    ) -> Tensor:
        logits: Tensor = self.model(**_arguments(ids, segments, types)).logits
        return logits.flatten(0, 1)[positions]


def _arguments(ids: Tensor, segments: Tensor | None, types: Tensor | None) -> dict[str, Tensor]:
    mask = torch.ones_like(ids) if segments is None else segments
    return {"input_ids": ids, "attention_mask": mask} | ({} if types is None else {"token_type_ids": types})


def _of_transformers(path: Path, name: str, trust_remote_code: bool) -> Encoder:
    try:
        transformers: Any = import_module("transformers")
    except ImportError:
        raise GauptError(f"{path} is a folder of transformers; install gaupt[hf] to load it") from None
    with refusing(f"{path / CONFIG} is no JSON"):
        values = read_json(path / CONFIG)
    if not isinstance(values, dict):
        raise GauptError(f"{path / CONFIG} holds no JSON object")
    for key in _LAYERS:  # each is made before its weights are missed
        if isinstance(values.get(key), int) and values[key] > _MOST_LAYERS:
            raise GauptError(f"{path / CONFIG}: {key} = {values[key]} is more than any encoder has")
    if "auto_map" in values and not trust_remote_code:
        raise GauptError(f"{path} brings code of its own; read it, then run it with --trust-remote-code")

    def load(kind: str, **arguments: Any) -> Any:
        # transformers raises what it likes, down to ImportError.
        with _quiet(transformers.utils.logging), refusing(f"cannot load {path}"):
            return getattr(transformers, kind).from_pretrained(
                path, trust_remote_code=trust_remote_code, **arguments
            )

    def loaded(kind: str, optional: str | None = None, **arguments: Any) -> Any:
        model, info = load(kind, output_loading_info=True, **arguments)
        lacking = sorted(key for key in info["missing_keys"] if optional is None or optional not in key)
        if lacking:  # transformers would draw them at random
            raise GauptError(
                f"{path} lacks {len(lacking)} weights of its {type(model).__name__}, {lacking[0]} first"
            )
        check_numbers(model.state_dict(), str(path))
        return model.float()

    def drawn(kind: str, configuration: Any, seed: int) -> Any:
        torch.manual_seed(seed)
        made = getattr(transformers, kind).from_config(configuration, trust_remote_code=trust_remote_code)
        return made.float()

    tokenizer, config = load("AutoTokenizer"), load("AutoConfig")
    fast = getattr(tokenizer, "backend_tokenizer", None)
    if fast is None or tokenizer.cls_token_id is None or tokenizer.sep_token_id is None:
        raise GauptError(
            f"{path} has no fast tokenizer with [CLS] and [SEP]; it is no encoder that can be scored"
        )

    def configured(dropout: float) -> Any:
        changed = copy.deepcopy(config)
        for option in ("hidden_dropout_prob", "attention_probs_dropout_prob", "dropout"):
            if hasattr(changed, option):
                setattr(changed, option, dropout)
        return changed

    def build(dropout: float, seed: int) -> nn.Module:
        torch.manual_seed(seed)  # for a pooler, which a masked LM is without
        return _States(loaded("AutoModel", "pooler", config=configured(dropout)))

    def with_head() -> nn.Module:
        return _Logits(loaded("AutoModelForMaskedLM").eval())

    whole = build(0.0, 0)  # what is wrong with the weights shows before the first run
    with refusing(f"{path} is no encoder that can be scored"):
        plain = unpadded(fast)
        check_vocabulary(plain)
        body: Any = whole
        rows = body.model.get_input_embeddings().num_embeddings
        if count_ids(plain) > rows:
            raise GauptError(
                f"{path}: the vocabulary has {count_ids(plain)} tokens, the model's embedding {rows} rows"
            )
        return Encoder(
            name=name,
            source=path,
            parameters=sum(parameter.numel() for parameter in whole.parameters()),
            tokenizer=plain,
            pad=tokenizer.pad_token_id or 0,
            cls=tokenizer.cls_token_id,
            sep=tokenizer.sep_token_id,
            mask=tokenizer.mask_token_id,
            unk=tokenizer.unk_token_id,
            hidden_size=config.hidden_size,
            longest=_longest(whole.model),
            two_types=getattr(config, "type_vocab_size", 1) > 1,
            build=build,
            draw=lambda dropout, seed: _States(drawn("AutoModel", configured(dropout), seed)),
            masked_lm=with_head,
            draw_masked_lm=lambda seed: _Logits(drawn("AutoModelForMaskedLM", config, seed)),
            ours=None,
        )


@contextmanager
def _quiet(logging: Any) -> Iterator[None]:
    """Without bars and reports of what was loaded: what matters of them is checked."""
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


def _longest(model: Any) -> int | None:
    """Tokens that the table of positions of a model of transformers goes up to."""
    positions: int | None = getattr(model.config, "max_position_embeddings", None)
    table = getattr(getattr(model, "embeddings", None), "position_embeddings", None)
    padding = getattr(table, "padding_idx", None)  # RoBERTa counts from the place after its padding's
    return positions if positions is None or padding is None else positions - padding - 1
