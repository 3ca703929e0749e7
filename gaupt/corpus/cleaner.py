"""One document through every step that changes it and every rule that may drop it."""

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from gaupt.config import CleanConfig, CleanSource
from gaupt.corpus.change.boilerplate import remove_boilerplate
from gaupt.corpus.change.lines import join_lines
from gaupt.corpus.change.markup import remove_markup
from gaupt.corpus.change.mojibake import is_mojibake, repair
from gaupt.corpus.change.normalize import normalize
from gaupt.corpus.change.personal import mask_personal_data
from gaupt.corpus.change.spaces import remove_spaces
from gaupt.corpus.change.traditional import is_traditional, simplify
from gaupt.corpus.drop.language import CHINESE, identify, load_identifier
from gaupt.corpus.drop.rules import Measures, Rule, active_rules
from gaupt.corpus.read.piece import TextDocuments
from gaupt.errors import GauptError
from gaupt.remote import place
from gaupt.text import characters
from gaupt.text.characters import Counts, Kind

Step = Callable[[str, Counts, CleanSource], str]


def _join_lines(text: str, counts: Counts, settings: CleanSource) -> str:
    return join_lines(text, counts, settings.normalize) if settings.join_lines else text


def _remove_spaces(text: str, counts: Counts, settings: CleanSource) -> str:
    return remove_spaces(text, counts) if settings.remove_spaces else text


def _simplify(text: str, counts: Counts, settings: CleanSource) -> str:
    return simplify(text, counts) if settings.traditional == "simplify" else text


def _remove_boilerplate(text: str, counts: Counts, settings: CleanSource) -> str:
    return remove_boilerplate(text) if settings.remove_boilerplate else text


def _mask_personal_data(text: str, counts: Counts, settings: CleanSource) -> str:
    return mask_personal_data(text, counts) if settings.mask_personal_data else text


# What is changed, in this order; each step sees the counts of the text that it is given.
STEPS: tuple[tuple[str, Step], ...] = (
    ("mojibake_repaired", lambda text, counts, settings: repair(text, counts)),
    ("markup_removed", lambda text, counts, settings: remove_markup(text, settings.remove_markup)),
    ("lines_joined", _join_lines),
    ("normalized", lambda text, counts, settings: normalize(text, counts, settings.normalize)),
    ("spaces_removed", _remove_spaces),
    ("simplified", _simplify),
    ("boilerplate_removed", _remove_boilerplate),
    ("personal_data_masked", _mask_personal_data),
)


@dataclass(frozen=True, slots=True)
class Change:
    """What one step did to a text."""

    step: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A text that went through the steps."""

    text: str
    before: Counts
    """Characters of the text as it was found."""
    after: Counts
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class Drop:
    """Why a document goes."""

    reason: str
    value: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Treatment:
    """The settings of one source and the rules that they leave in force."""

    settings: CleanSource
    rules: tuple[tuple[Rule, float], ...]


def settings_of(source: str, config: CleanConfig) -> CleanSource:
    """The settings that hold for ``source``: those of the first pattern that fits, else the common ones."""
    return next((s for pattern, s in config.sources.items() if fnmatchcase(source, pattern)), config)


def text_documents(config: CleanConfig) -> TextDocuments:
    """What one document of a text file is, by the file's source."""
    return lambda source: settings_of(source, config).text_document


def run_steps(text: str, settings: CleanSource) -> Cleaned:
    """Run every step over ``text``."""
    before = counts = characters.count(text)
    changes = []
    for name, step in STEPS:
        after = step(text, counts, settings)
        if after != text:
            changes.append(Change(name, text, after))
            text, counts = after, characters.count(after)
    return Cleaned(text, before, counts, changes)


class Cleaner:
    """The steps and rules with the settings of each source.

    Raises:
        GauptError: the file of blocked words cannot be read; the library that tells languages is missing.
    """

    def __init__(self, config: CleanConfig) -> None:
        if any(settings.language == "py3langid" for settings in (config, *config.sources.values())):
            load_identifier()
        self._config = config
        self._blocked = read_blocked_words(config.blocked_words)
        self._by_source: dict[str, Treatment] = {}

    def treatment(self, source: str) -> Treatment:
        """How documents of ``source`` are treated."""
        if source not in self._by_source:
            settings = settings_of(source, self._config)
            rules = active_rules(settings.rules, bool(self._blocked))
            self._by_source[source] = Treatment(settings, rules)
        return self._by_source[source]

    def clean(self, text: str, treatment: Treatment) -> Cleaned:
        """Run every step over ``text``."""
        return run_steps(text, treatment.settings)

    def measures(self, cleaned: Cleaned) -> Measures:
        """What the rules look at."""
        return Measures(cleaned.text, cleaned.after, self._blocked)

    def judge(self, cleaned: Cleaned, treatment: Treatment) -> Drop | None:
        """Why the document goes; None: it stays."""
        if is_mojibake(cleaned.text, cleaned.after):
            return Drop("mojibake", characters.common_share(cleaned.after), 0.0)
        measures = self.measures(cleaned)
        if treatment.settings.traditional == "drop" and is_traditional(cleaned.text, cleaned.after):
            return Drop("traditional", measures.share(Kind.TRADITIONAL), 0.0)
        for rule, limit in treatment.rules:
            value = rule.measure(measures)
            if not rule.keeps(value, limit):
                return Drop(rule.reason, value, limit)
        if treatment.settings.language == "py3langid" and identify(cleaned.text) not in CHINESE:
            return Drop("other_language", 0.0, 0.0)
        return None


def read_blocked_words(path: str | None) -> frozenset[str]:
    """The words of a file with one a line.

    Raises:
        GauptError: the file cannot be read.
    """
    if path is None:
        return frozenset()
    file = place(path)
    if file.exists() and not file.is_file():  # a pipe would be waited for, and a device has no end
        raise GauptError(f"clean.blocked_words: {path} is no file; name one with a word a line")
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise GauptError(f"clean.blocked_words: cannot read {path}: {error}") from None
    return frozenset(word for line in text.split("\n") if (word := line.strip()))
