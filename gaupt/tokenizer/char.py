"""Character vocabularies in BERT's manner, chosen by frequency.

Characters come first, the most frequent first, until they cover the share of the text asked for; the rest of
the vocabulary is filled with pieces of the words of other scripts, merged pair by pair (byte pair encoding).
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise

from tokenizers import normalizers, pre_tokenizers

from gaupt.errors import GauptError
from gaupt.tokenizer.special import SPECIAL_TOKENS

CONTINUES = "##"
"""Prefix of a piece that continues a word."""
_WORDS_KEPT = 100_000
"""Words of other scripts that pieces are learnt from: the most frequent; rarer ones cannot form a piece."""
_LONGEST_WORD = 40


def count_words(lines: Iterable[str], lowercase: bool) -> Counter[str]:
    """Count the words that BERT's normalization and splitting make of ``lines``."""
    normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    counts: Counter[str] = Counter()
    for line in lines:
        counts.update(word for word, _ in pre_tokenizer.pre_tokenize_str(normalizer.normalize_str(line)))
    return counts


def build_vocab(words: Counter[str], size: int, coverage: float) -> tuple[list[str], float]:
    """Choose ``size`` pieces, or as many as the text supports; return them in the order of ids, and the share of
    characters covered.

    Raises:
        GauptError: ``size`` is too small for the characters to cover (the message says how many are needed).
    """
    characters: Counter[str] = Counter()
    inner: Counter[str] = Counter()
    for word, count in words.items():
        characters[word[0]] += count
        for character in word[1:]:
            inner[character] += count
    total = characters.total() + inner.total()
    both = characters + inner
    ranked = sorted(both, key=lambda character: (-both[character], character))
    base = set(_covering(ranked, both, coverage * total))

    def alphabet(wanted: Iterable[str]) -> list[str]:
        pieces = [(characters[c], c) for c in wanted if characters[c]]
        pieces += [(inner[c], CONTINUES + c) for c in wanted if inner[c]]
        return [piece for _, piece in sorted(pieces, key=lambda item: (-item[0], item[1]))]

    first = alphabet(base)
    room = size - len(SPECIAL_TOKENS) - len(first)
    if room < 0:
        raise GauptError(
            f"tokenizer.vocab_size = {size} is too small: {len(SPECIAL_TOKENS) + len(first)} pieces cover "
            f"{coverage:.2%} of the characters; raise it or lower tokenizer.character_coverage"
        )
    merged = list(islice(_merges(words, base), room))
    rare = alphabet(c for c in ranked if c not in base)[: room - len(merged)]
    vocab = [*SPECIAL_TOKENS, *first, *merged, *rare]
    in_vocab = set(vocab)
    covered = sum(n for c, n in characters.items() if c in in_vocab)
    covered += sum(n for c, n in inner.items() if CONTINUES + c in in_vocab)
    return vocab, covered / max(total, 1)


def _covering(ranked: list[str], counts: Counter[str], wanted: float) -> Iterator[str]:
    covered = 0
    for character in ranked:
        if covered >= wanted:
            return
        covered += counts[character]
        yield character


def _merges(words: Counter[str], alphabet: set[str]) -> Iterator[str]:
    """Yield pieces of two or more characters, the pair seen most often first; ties by the pieces' text."""
    kept = sorted(
        (
            word
            for word in words
            if 1 < len(word) <= _LONGEST_WORD and words[word] > 1 and alphabet.issuperset(word)
        ),
        key=lambda word: (-words[word], word),
    )[:_WORDS_KEPT]
    spelled = [[word[0], *(CONTINUES + character for character in word[1:])] for word in kept]
    counts = [words[word] for word in kept]
    pairs: Counter[tuple[str, str]] = Counter()
    where: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for index, pieces in enumerate(spelled):
        for pair in pairwise(pieces):
            pairs[pair] += counts[index]
            where[pair].add(index)
    queue = [(-count, pair) for pair, count in pairs.items()]
    heapq.heapify(queue)
    seen: set[str] = set()
    while queue:
        negative, pair = heapq.heappop(queue)
        if -negative != pairs[pair]:
            continue  # the count has changed since: the new one is in the queue too
        if pairs[pair] < 2:
            return
        merged = pair[0] + pair[1].removeprefix(CONTINUES)
        if merged not in seen:
            seen.add(merged)
            yield merged
        changed = set()
        for index in where.pop(pair):
            old = spelled[index]
            new = _merge(old, pair, merged)
            if len(new) == len(old):
                continue
            for before in pairwise(old):
                pairs[before] -= counts[index]
                changed.add(before)
            for after in pairwise(new):
                pairs[after] += counts[index]
                where[after].add(index)
                changed.add(after)
            spelled[index] = new
        for pair_ in changed:
            if pairs[pair_] > 0:
                heapq.heappush(queue, (-pairs[pair_], pair_))


def _merge(pieces: list[str], pair: tuple[str, str], merged: str) -> list[str]:
    result: list[str] = []
    index = 0
    while index < len(pieces):
        if index + 1 < len(pieces) and (pieces[index], pieces[index + 1]) == pair:
            result.append(merged)
            index += 2
        else:
            result.append(pieces[index])
            index += 1
    return result
