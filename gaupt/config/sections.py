"""Every option of every stage: one frozen model per section, with its default and its bounds."""

import re
from collections.abc import Mapping, Set
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from gaupt.model.config import GAUConfig, RoFormerConfig


class Section(BaseModel):
    """Base of the config sections: frozen, and no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def _filled(values: Any, table: str, keys: Set[str]) -> Any:
    """``values`` with each entry of its ``table`` taking those of ``keys`` that it leaves out from ``values``."""
    entries = values.get(table) if isinstance(values, Mapping) else None
    if not isinstance(entries, Mapping):
        return values
    common = {key: values[key] for key in keys if key in values}
    filled = {
        name: {**common, **entry} if isinstance(entry, Mapping) else entry for name, entry in entries.items()
    }
    return {**values, table: filled}


Profile = Literal["web", "article", "short"]
TextDocument = Literal["file", "line", "block"]


class CleanRules(Section):
    """Thresholds of the rules that drop documents; the defaults are those of the profile ``article``."""

    min_chinese: int = Field(16, ge=0)
    """Chinese characters a document must have."""
    min_chinese_share: float = Field(0.15, ge=0, le=1)
    """Chinese characters among the visible ones; technical text with code has 0.2."""
    max_foreign_share: float = Field(0.2, ge=0, le=1)
    """Kana and Hangul among kana, Hangul and Chinese characters."""
    max_digit_share: float = Field(0.3, ge=0, le=1)
    """Digits among the visible characters; long numbers count less, and sentences of figures stay."""
    max_symbol_share: float = Field(0.45, ge=0, le=1)
    """Symbols and ASCII punctuation among the visible characters."""
    min_punctuation_share: float = Field(0.0, ge=0, le=1)
    """Punctuation of any kind among the visible characters; lists of keywords have none."""
    max_punctuation_share: float = Field(0.5, ge=0, le=1)
    """Punctuation of any kind among the visible characters."""
    min_mean_line: float = Field(0.0, ge=0)
    """Characters in a line, on average; menus and lists of links have few."""
    max_unfinished_lines: float = Field(1.0, ge=0, le=1)
    """Share of the lines that end without punctuation."""
    max_duplicate_lines: float = Field(0.5, ge=0, le=1)
    """Share of the characters in lines that occurred before in the document."""
    max_repeated_ngrams: float = Field(0.5, ge=0, le=1)
    """Share of the 13-character runs that occurred before in the document."""
    max_blocked_share: float = Field(0.005, ge=0, le=1)
    """Characters in words of `blocked_words` among the visible ones."""


CLEAN_PROFILES: dict[str, dict[str, Any]] = {
    "web": {
        "min_chinese": 100,
        "min_chinese_share": 0.3,
        "max_digit_share": 0.2,
        "max_symbol_share": 0.2,
        "min_punctuation_share": 0.01,
        "max_punctuation_share": 0.3,
        "min_mean_line": 10.0,
        "max_unfinished_lines": 0.88,
        "max_duplicate_lines": 0.3,
        "max_repeated_ngrams": 0.3,
    },
    "article": {},
    "short": {"min_chinese": 4, "max_digit_share": 0.4},
}
"""What each profile sets differently from the defaults of `CleanRules`."""


class CleanSource(Section):
    """How one source is cleaned; what it leaves out it takes from `[clean]`."""

    profile: Profile = "article"
    """Set of thresholds: web (crawled pages), article (edited text) or short (reviews, titles, dialogue)."""
    text_document: TextDocument = "file"
    """What one document of a text file is: the file, each line, or the lines between blank lines (block)."""
    normalize: Literal["nfc", "nfkc"] = "nfc"
    """nfc keeps full-width punctuation and narrows full-width letters and digits; nfkc narrows all."""
    join_lines: bool = True
    """Join the lines of texts that were broken at a fixed width."""
    remove_spaces: bool = True
    """Remove the spaces of texts that have one between nearly all characters or words."""
    traditional: Literal["simplify", "keep", "drop"] = "simplify"
    """What happens to text in traditional writing."""
    remove_markup: Literal["auto", "always", "never"] = "auto"
    """HTML in texts, of records mostly: auto takes the tags out of texts that are HTML throughout and leaves those that
    speak of it; always: out of every text."""
    remove_boilerplate: bool = True
    """Remove the lines that web sites put around a text."""
    mask_personal_data: bool = True
    """Mask e-mail addresses, phone, identity-card, bank-card and IP numbers and account names."""
    language: Literal["scripts", "py3langid"] = "scripts"
    """scripts: Chinese is told by its characters, by the rules; py3langid: by that library's model as well."""
    rules: CleanRules = CleanRules()
    """Thresholds; those not set come from the profile."""

    @model_validator(mode="before")
    @classmethod
    def _fill_from_profile(cls, values: Any) -> Any:
        if not isinstance(values, Mapping) or isinstance(values.get("rules"), BaseModel):
            return values
        profile = values.get("profile", "article")
        thresholds = CLEAN_PROFILES.get(profile, {}) if isinstance(profile, str) else {}
        rules = values.get("rules", {})
        return {**values, "rules": {**thresholds, **rules} if isinstance(rules, Mapping) else rules}


_FIELD = r"(?=\s*+[^.\[\]+\s])[^.\[\]+]++(?:\[\])*+"
TEXT_FIELD = re.compile(rf"{_FIELD}(?:[.+]{_FIELD})*")
"""How an entry of `text_fields` is written, see `gaupt.corpus.read.paths`."""


def _text_field(value: str) -> str:
    if not TEXT_FIELD.fullmatch(value):
        raise ValueError(f"{value!r} is no field; write a name, or a.b, a[], a[].b, a+b")
    return value


class CleanConfig(CleanSource):
    """Corpus cleaning."""

    text_fields: tuple[Annotated[str, AfterValidator(_text_field)], ...] = (
        "text",
        "content",
        "body",
        "article",
        "answer",
        "正文",
        "内容",
        "*",
    )
    """Fields of a record or columns of a table with the text; the first that is not empty is taken. ``a.b`` is a field
    in a field, ``a[].b`` that of each entry of a list, ``a+b`` joins two, ``*`` knows the records of public corpora."""
    blocked_words: str | None = None
    """File with a blocked word a line, UTF-8."""
    exact_duplicates: bool = True
    """Keep one of documents whose letters, digits and Chinese characters are the same."""
    near_duplicates: bool = True
    """Keep one of documents that are nearly the same."""
    near_threshold: float = Field(0.75, ge=0.5, le=1)
    """Jaccard similarity of the character 5-grams from which documents are nearly the same."""
    max_paragraph_documents: int = Field(0, ge=0)
    """Documents that a paragraph of 20 letters and more may stand in; one in more stays in the first alone.
    0: not looked for."""
    sources: dict[str, CleanSource] = {}
    """Settings of single sources, by name or pattern such as ``"fewclue_*"``; the first match holds."""

    @model_validator(mode="before")
    @classmethod
    def _inherit(cls, values: Any) -> Any:
        return _filled(values, "sources", CleanSource.model_fields.keys() - {"rules"})


MIN_VOCAB_SIZE = 32


class TokenizerConfig(Section):
    """Vocabulary building."""

    type: Literal["unigram", "bpe", "char"] = "unigram"
    """unigram and bpe: sentencepiece with jieba word bounds; char: every Chinese character its own token."""
    vocab_size: int = Field(12_000, ge=MIN_VOCAB_SIZE, le=1_000_000)
    """Pieces in the vocabulary, special tokens included; fewer where the text supports no more."""
    words: Literal["rjieba", "jieba"] = "rjieba"
    """What finds the words: rjieba is jieba's Rust port, several times as fast, the same dictionary."""
    user_dictionary: str | None = None
    """File with words to add to the dictionary, in jieba's format: word [frequency] [tag] on a line."""
    sample_chars: int = Field(10_000_000, ge=1_000)
    """Characters of the corpus to learn the vocabulary from: a seeded sample of its lines."""
    character_coverage: float = Field(0.9995, gt=0.5, le=1)
    """Share of the sample's characters that are in the vocabulary; the rest is bytes, or [UNK] for char."""
    lowercase: bool = True
    """Lower-case and strip accents (char, and a vocab.txt that does not say)."""


class ShardsConfig(Section):
    """Token shards and the samples drawn from them."""

    seq_len: int = Field(512, ge=8, le=65_536)
    """Tokens in a sample, [CLS] and [SEP] included."""
    validation_share: float = Field(0.005, ge=0, lt=1)
    """Share of the documents held out for validation, chosen by the hash of their text."""
    exclude: tuple[str, ...] = ()
    """Files with evaluation texts: documents that hold one of them are left out."""
    exclude_ngram: int = Field(13, ge=4)
    """Characters of the n-grams that documents and excluded texts are compared by."""
    exclude_overlap: float = Field(0.5, gt=0, le=1)
    """Share of an excluded text's n-grams that a document must have to be left out."""


Decay = Annotated[float, Field(ge=0, lt=1)]
"""Share of a running mean that an update keeps."""


class TrainConfig(Section):
    """Masked-LM pretraining."""

    steps: int = Field(30_000, ge=1)
    """Optimizer updates."""
    batch_tokens: int = Field(131_072, ge=8)
    """Tokens in one global batch (rows times seq_len)."""
    hours: float = Field(0, ge=0, allow_inf_nan=False)
    """Fit the whole schedule to so many hours: steps and warm-up are chosen by what a step takes, measured before
    the first one, and kept when the run resumes. 0: as steps says."""
    max_hours: float = Field(0, ge=0, allow_inf_nan=False)
    """Stop after so many hours of this call, as on a signal: it saves, and the same command resumes. 0: never."""
    micro_batch_tokens: Annotated[int, Field(ge=8)] | Literal["auto"] = "auto"
    """Tokens in one forward and backward pass; gradients accumulate up to batch_tokens. auto: as many as fit the
    memory, 16,384 at most. It changes no result but for rounding (on a GPU also what dropout draws)."""
    optimizer: Literal["adamw", "muon", "lamb"] = "adamw"
    """adamw; muon: Muon on the matrices of the layers and AdamW on the rest; lamb: as GAU-alpha was trained."""
    lr: float = Field(3e-4, gt=0, allow_inf_nan=False)
    """Peak learning rate; with muon, that of AdamW."""
    matrix_lr: float = Field(2e-3, gt=0, allow_inf_nan=False)
    """Peak learning rate of Muon."""
    momentum: float = Field(0.95, ge=0, lt=1)
    """Share of its running mean of gradients that an update of Muon keeps."""
    warmup_share: float = Field(0.1, ge=0, lt=1)
    """Share of the steps in which the learning rate rises to its peak."""
    warmup_steps: Annotated[int, Field(ge=0)] | Literal["auto"] = "auto"
    """Steps of that rise, in place of a share of them; auto: as warmup_share says."""
    schedule: tuple[tuple[float, float], ...] = ((1.0, 0.0),)
    """Points that the learning rate passes after the warm-up, in straight lines: share of the steps, share of the peak.
    [[1, 0]] falls to zero at the last step; [[0.8, 1], [1, 0]] is warm-up, stable, decay."""
    weight_decay: float = Field(0.01, ge=0, allow_inf_nan=False)
    """Decoupled weight decay: of adamw and muon on matrices only, of lamb on everything."""
    betas: tuple[Decay, Decay] = (0.9, 0.999)
    """adamw and lamb: shares of the running means of the gradient and of its square that an update keeps."""
    eps: float = Field(1e-6, gt=0, allow_inf_nan=False)
    """Epsilon of adamw and lamb."""
    clip_norm: float = Field(1.0, gt=0)
    """Gradients are scaled down to this global norm; inf: never."""
    mask_rate: float = Field(0.15, gt=0, lt=1)
    """Share of tokens masked, by whole words. Validation masks 15%, whatever this says."""
    final_mask_rate: float = Field(0, ge=0, lt=1)
    """Share of tokens masked at the last step, to which mask_rate moves in a straight line, from the step on at which
    the learning rate leaves its peak for good; 0: it stays."""
    mask_token_share: float = Field(0.8, ge=0, le=1)
    """Share of the masked words shown as [MASK]."""
    random_token_share: float = Field(0.1, ge=0, le=1)
    """Share of the masked words shown as random tokens; the rest stays as it is."""
    ngram_shares: tuple[float, ...] = (1.0,)
    """Share of masked spans of 1, 2, … words: [1.0] single words, [0.4, 0.3, 0.2, 0.1] MacBERT's n-grams."""
    source_weights: dict[str, Annotated[float, Field(ge=0)]] = {}
    """How often documents are seen by source, e.g. {"wiki*" = 2.0, "ads" = 0}; the first pattern that fits
    counts, and what fits none is seen once."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """auto: bfloat16 autocast where the device computes it natively, float32 elsewhere."""
    compile: bool = False
    """Compile the model with torch.compile."""
    log_every: int = Field(10, ge=1)
    """Steps between two lines of metrics.jsonl."""
    eval_every: int = Field(1_000, ge=1)
    """Steps between two evaluations on the validation shards."""
    eval_tokens: int = Field(262_144, ge=8)
    """Validation tokens of one evaluation."""
    checkpoint_every: int = Field(1_000, ge=1)
    """Steps between two checkpoints."""
    keep_checkpoints: int = Field(2, ge=2)
    """Checkpoints kept; at least 2, so that a good one is left if the newest turns out damaged."""
    wandb: str = ""
    """Project of Weights & Biases that the metrics go to as well (pip install wandb); empty: none."""

    @model_validator(mode="after")
    def _shares_fit(self) -> "TrainConfig":
        shown = self.mask_token_share + self.random_token_share
        if shown > 1:
            raise ValueError(
                f"mask_token_share + random_token_share = {shown:g}: shares of one whole, so at most 1"
            )
        places = [at for at, _ in self.schedule]
        if not places or places != sorted(set(places)) or places[0] <= 0 or places[-1] > 1:
            raise ValueError(
                "schedule: expected points [share of the steps, share of the peak], the first above 0, each behind the "
                "one before, none above 1, such as [[0.8, 1], [1, 0]]"
            )
        if not all(0 <= level <= 1 for _, level in self.schedule):
            raise ValueError("schedule: shares of the peak lie between 0 and 1")
        whole = sum(self.ngram_shares)
        if not self.ngram_shares or min(self.ngram_shares) < 0 or not abs(whole - 1) <= 1e-6:  # nor nan
            raise ValueError(
                f"ngram_shares sum to {whole:g}: expected shares, none below 0, "
                "of spans of 1, 2, … words that sum to 1, such as [0.6, 0.4]"
            )
        return self


class TaskConfig(Section):
    """How one task is fine-tuned; what it leaves out it takes from `[evaluate]`."""

    epochs: int = Field(3, ge=1)
    """Passes over the training rows."""
    min_updates: int = Field(0, ge=0)
    """More epochs where they would be fewer updates than this: a few hundred rows need many passes."""
    lr: float = Field(3e-5, gt=0, allow_inf_nan=False)
    """Peak learning rate; warm-up before it and a linear decay to zero after it."""
    batch_size: int = Field(32, ge=1)
    """Rows (questions, sentences) of one update."""
    max_length: int = Field(512, ge=16)
    """Tokens of a row; what is longer is cut, or read in windows where the answer is a piece of the text."""
    dropout: float = Field(0.1, ge=0, lt=1)
    """In the encoder and before the classifier."""
    train_rows: int = Field(0, ge=0)
    """Training rows that are learned from, at most: a fixed random choice, the same for all models. 0: all."""
    train_files: tuple[str, ...] = ()
    """Files, relative to --data, to learn from in place of the task's own training file."""


class EvaluateConfig(TaskConfig):
    """Scoring a pretrained model on tasks."""

    seeds: int = Field(3, ge=1)
    """Fine-tunings of each model on each task; they differ in the order of the rows, dropout and the new head."""
    select: Literal["best", "last"] = "best"
    """Which epoch is scored: the best one on dev, or the last. Where a test set has labels, it is scored there."""
    pooling: Literal["cls", "mean"] = "cls"
    """What the head sees of a text: the state of [CLS], as every published recipe, or the mean of all states."""
    warmup_share: float = Field(0.1, ge=0, lt=1)
    """Share of the updates before the peak learning rate."""
    weight_decay: float = Field(0.01, ge=0, allow_inf_nan=False)
    """AdamW weight decay, on matrices only."""
    betas: tuple[Decay, Decay] = (0.9, 0.999)
    """AdamW: shares of the running means of the gradient and of its square that an update keeps."""
    eps: float = Field(1e-8, gt=0, allow_inf_nan=False)
    """AdamW epsilon."""
    clip_norm: float = Field(1.0, gt=0)
    """Gradients are scaled down to this global norm."""
    micro_batch_tokens: int = Field(8_192, ge=16)
    """Tokens, padding included, of one forward and backward pass; it changes no result but for rounding."""
    stride: int = Field(128, ge=1)
    """Tokens by which windows over a long passage move on."""
    max_answer: int = Field(64, ge=1)
    """Tokens of the longest answer of a reading task."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """auto: bfloat16 autocast where the device computes it natively, float32 elsewhere."""
    probe_draws: int = Field(5, ge=1)
    """Random 80% subsets of the training rows that a probe is fitted to, the same for all models."""
    probe_rows: int = Field(4_096, ge=16)
    """Training rows that a probe looks at, at most."""
    resamples: int = Field(10_000, ge=100)
    """Resamples of the paired bootstrap."""
    tasks: dict[str, TaskConfig] = {}
    """Settings of single tasks, by name."""

    @model_validator(mode="before")
    @classmethod
    def _inherit(cls, values: Any) -> Any:
        return _filled(values, "tasks", TaskConfig.model_fields.keys())

    def of_task(self, name: str) -> TaskConfig:
        """The settings of the task called ``name``."""
        return self.tasks.get(name, self)


class ExportConfig(Section):
    """Export to other formats."""

    formats: tuple[Literal["hf", "onnx", "gau-alpha", "roformer"], ...] = ("hf",)
    """hf is what transformers loads, and always written but for gau-alpha and roformer: the layouts of public
    checkpoints, in a folder of their own. onnx adds onnx/model.onnx."""
    onnx_task: Literal["auto", "features"] = "auto"
    """What the ONNX file computes: the model's own scores, of masked tokens or of a fine-tuned head, or hidden states
    alone, for embeddings."""
    quantize: Literal["none", "int8"] = "none"
    """int8 adds onnx/model_quantized.onnx, whose matrices have 8 bits."""
    python: str = ""
    """Interpreter of ``--check``, of an environment with the library that is to load the folder; empty: this one's."""
    license: str = ""
    """Licence of the weights, for the model card: its id on the Hugging Face Hub, such as apache-2.0; empty: unsaid."""
    language: Literal["auto", "en", "zh"] = "auto"
    """Language of the model card; auto: of a card that is there its own, of a new one that of the locale."""


def _architecture(model: Any) -> str:
    """Which member of the family ``[model]`` describes; gau where it does not say."""
    known = (
        model.get("architecture", "gau") if isinstance(model, dict) else getattr(model, "architecture", "gau")
    )
    return str(known)


class Config(Section):
    """The whole configuration, one section a stage."""

    seed: int = Field(0, ge=0, lt=2**63)
    """Decides every random draw."""
    clean: CleanConfig = CleanConfig()
    tokenizer: TokenizerConfig = TokenizerConfig()
    shards: ShardsConfig = ShardsConfig()
    model: Annotated[
        Annotated[GAUConfig, Tag("gau")] | Annotated[RoFormerConfig, Tag("roformer")],
        Discriminator(_architecture),
    ] = GAUConfig()
    train: TrainConfig = TrainConfig()
    evaluate: EvaluateConfig = EvaluateConfig()
    export: ExportConfig = ExportConfig()
