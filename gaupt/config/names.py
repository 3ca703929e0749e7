"""The options that a user may have meant: near names, the same name in another section, and what others call them."""

import difflib
from collections.abc import Sequence
from dataclasses import replace

from gaupt.config.reference import SECTIONS, Option, Section, fits, options, sections
from gaupt.errors import GauptError
from gaupt.model.config import PUBLIC_NAMES

SYNONYMS: dict[str, tuple[str, ...]] = {public: (f"model.{name}",) for name, public in PUBLIC_NAMES.items()}
"""What transformers, fairseq and other trainers call options of ours."""
for keys, names in (
    (("train.lr", "evaluate.lr"), "learning_rate max_lr peak_lr base_lr"),
    (("train.batch_tokens", "evaluate.batch_size"), "batch_size global_batch_size train_batch_size"),
    (("train.batch_tokens", "evaluate.batch_size"), "per_device_train_batch_size batch"),
    (
        ("train.micro_batch_tokens",),
        "gradient_accumulation_steps accumulation_steps update_freq micro_batch_size",
    ),
    (("train.micro_batch_tokens",), "max_tokens"),
    (("train.steps",), "max_steps total_steps num_train_steps train_steps num_steps max_update max_updates"),
    (("train.steps", "evaluate.epochs"), "epoch epochs num_epochs num_train_epochs max_epoch max_epochs"),
    (
        ("train.warmup_share", "evaluate.warmup_share"),
        "warmup warmup_ratio warmup_proportion",
    ),
    (("train.warmup_steps", "evaluate.warmup_share"), "warmup_updates num_warmup_steps"),
    (("train.schedule",), "lr_scheduler lr_schedule lr_scheduler_type scheduler decay"),
    (("train.optimizer",), "optim"),
    (("train.momentum",), "muon_momentum"),
    (("train.matrix_lr",), "muon_lr"),
    (("train.betas",), "adam_betas adam_beta1 adam_beta2 beta1 beta2"),
    (("train.eps",), "epsilon adam_eps adam_epsilon"),
    (("train.weight_decay",), "wd"),
    (("train.clip_norm",), "max_grad_norm grad_clip gradient_clip_val clip grad_norm"),
    (("train.mask_rate",), "mlm_probability masked_lm_prob mask_prob mask_ratio"),
    (("train.precision",), "fp16 bf16 dtype torch_dtype amp mixed_precision"),
    (("train.compile",), "torch_compile"),
    (("train.log_every",), "logging_steps log_interval log_steps"),
    (("train.eval_every",), "eval_steps eval_interval validate_interval"),
    (("train.checkpoint_every",), "save_steps save_interval save_every ckpt_every checkpoint_steps"),
    (("train.keep_checkpoints",), "save_total_limit keep_last"),
    (("train.wandb",), "report_to wandb_project use_wandb logger"),
    (("model.num_layers",), "n_layer n_layers layers num_layer depth encoder_layers"),
    (("model.num_heads",), "n_head n_heads heads encoder_attention_heads"),
    (("model.hidden_size",), "d_model n_embd dim embed_dim encoder_embed_dim embedding_size width"),
    (("model.expanded_size", "model.feedforward_size"), "ffn_dim d_ff encoder_ffn_embed_dim"),
    (("model.key_size",), "head_size head_dim attention_key_size"),
    (("model.max_length",), "n_positions max_positions"),
    (("model.dropout",), "hidden_dropout_prob attention_probs_dropout_prob hidden_dropout"),
    (("model.norm_eps",), "layer_norm_eps rms_norm_eps"),
    (("model.architecture",), "arch model_type"),
    (
        ("shards.seq_len",),
        "max_seq_length max_seq_len sequence_length seq_length block_size tokens_per_sample context_length",
    ),
    (("shards.validation_share",), "validation_split val_split dev_share eval_share"),
    (("tokenizer.vocab_size",), "vocabulary_size n_vocab"),
    (("tokenizer.type",), "tokenizer_type vocab_type"),
    (("clean.near_duplicates",), "dedup deduplicate minhash"),
    (("seed",), "random_seed random_state manual_seed"),
):
    SYNONYMS |= dict.fromkeys(names.split(), keys)

SECTION_SYNONYMS = {
    "training": "train", "trainer": "train", "pretrain": "train", "pretraining": "train", "optim": "train",
    "optimizer": "train", "data": "shards", "dataset": "shards", "shard": "shards",
    "network": "model", "encoder": "model",
    "tokenization": "tokenizer", "tokenizers": "tokenizer", "vocab": "tokenizer", "vocabulary": "tokenizer",
    "cleaning": "clean", "corpus": "clean", "filter": "clean", "filters": "clean",
    "eval": "evaluate", "evaluation": "evaluate", "finetune": "evaluate", "probe": "evaluate", "exporting": "export",
}  # fmt: skip


def find(key: str | None) -> list[Section]:
    """The sections, with the options, that ``key`` names: one section with those in it, or single options.

    A bare name such as ``lr`` is every option of that name; None is everything.

    Raises:
        GauptError: there is no such section and no such option.
    """
    if key is None:
        return list(sections())
    path = key.strip("[] ").split(".")
    found = [
        section
        for section in sections()
        if section.title and fits(section.name.split(".")[: len(path)], path)
    ]
    return found or _with_options(key, path)


def _with_options(key: str, path: Sequence[str]) -> list[Section]:
    def meant(option: Option) -> bool:
        return fits(option.key.split("."), path) or [_last(option.key)] == path

    narrowed = [replace(section, options=tuple(filter(meant, section.options))) for section in sections()]
    found = [section for section in narrowed if section.options]
    if not found:
        raise GauptError(f"no option and no section {key} ({hint(path)})")
    return found


def _likeness(word: str, other: str) -> float:
    return difflib.SequenceMatcher(None, word, other).ratio()


def near_keys(path: Sequence[str], most: int = 3, fuzzy: bool = True) -> list[str]:
    """Options that the unknown dotted key of the parts ``path`` may mean, the likeliest first.

    Not ``fuzzy``: those of that very name elsewhere, and those that others call so.
    """
    *above, last = (part.strip().lower().replace("-", "_") for part in path)
    section = near_section(".".join(above)) if above else None
    known = list(dict.fromkeys(option.key for option in options()))
    same = [key for key in known if _last(key) == last and "NAME" not in key.split(".")]
    meant = list(dict.fromkeys([*SYNONYMS.get(last, ()), *same]))
    if not meant and fuzzy:
        inside = [_last(key) for key in known if key.rpartition(".")[0] == section]
        here = difflib.get_close_matches(last, inside, n=1)
        names = difflib.get_close_matches(last, {_last(key) for key in known}, n=1, cutoff=0.75)
        if here and (not names or _likeness(last, here[0]) >= _likeness(last, names[0])):
            meant = [f"{section}.{name}" for name in here]
        else:
            meant = [key for key in known if [_last(key)] == names and "NAME" not in key.split(".")]
    # Where the section is told, it decides between options of one name.
    decided = {_last(key) for key in meant if key.partition(".")[0] == section}
    return [key for key in meant if _last(key) not in decided or key.partition(".")[0] == section][:most]


def near_section(name: str) -> str | None:
    """The section that is called ``name``, or that a name like it means, or None."""
    known = [title for title in SECTIONS if title and "," not in title]
    if name in known:
        return name
    near = difflib.get_close_matches(name, known, n=1)
    return SECTION_SYNONYMS.get(name.partition(".")[0]) or (near[0] if near else None)


def hint(path: Sequence[str]) -> str:
    """What to do about the unknown dotted key of the parts ``path``."""
    near = near_keys(path)
    if near:
        return f"did you mean {' or '.join(near)}?"
    section = near_section(".".join(path[:-1]) or path[0])
    return f"gaupt config {section} lists its options" if section else "gaupt config lists all options"


def _last(key: str) -> str:
    return key.rpartition(".")[2]
