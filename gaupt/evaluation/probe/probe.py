"""The probe: a task's score with the encoder frozen, by one ridge and no tuning.

Features are means of last-layer states over a text's tokens (of two texts, element by element, their absolute
difference and product); tokens are judged by their own states, the passage of a question by its tokens' states and
their products with the question's mean. Every draw fits another 80% of the training rows, the same rows for all models.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from gaupt.config import EvaluateConfig
from gaupt.errors import GauptError
from gaupt.evaluation.data import TaskData
from gaupt.evaluation.finetune import Judged
from gaupt.evaluation.items import Item, join, pieces
from gaupt.evaluation.kinds import answer, tags
from gaupt.evaluation.kinds.choice import choose
from gaupt.evaluation.predictions import Predicted
from gaupt.evaluation.probe.cloze import fill_blanks
from gaupt.evaluation.probe.features import Embed, embed_by_ngrams, embed_by_states, row_features, texts_of
from gaupt.evaluation.probe.ridge import Features, fit_ridge
from gaupt.evaluation.probe.states import Frozen, mean_states, token_states
from gaupt.evaluation.score import score_rows
from gaupt.evaluation.tasks.rows import Choice, Labelled, Question, Row, Tagged
from gaupt.text.characters import simplified

DRAWN_SHARE = 0.8
TOKENS_OF_A_QUESTION = 16
"""A question's passage has hundreds of tokens to learn from: so many fewer questions than other rows are taken."""


def probe_encoder(frozen: Frozen, data: TaskData, config: EvaluateConfig, seed: int) -> list[Judged]:
    """The probe's result for each draw; one result for idioms, which the masked LM fills in without training."""
    kind = data.task.kind
    if kind == "choice" and cast(Choice, data.scored[0]).blank:
        return [_fill(frozen, data)] if frozen.encoder.masked_lm else []
    train, draws = draw_rows(data, config, seed)
    if kind == "spans":
        return _probe_tokens(frozen, data, config, train, draws)
    if kind == "reading":
        return _probe_questions(frozen, data, config, train, draws)
    texts = texts_of([*train, *data.scored])
    return _probe_texts(data, embed_by_states(frozen, texts, data.task.probe_length), train, draws)


def probe_ngrams(
    data: TaskData, config: EvaluateConfig, seed: int, share: float = DRAWN_SHARE
) -> list[Judged]:
    """The same ridge on character TF-IDF; nothing for tasks whose tokens are judged."""
    if data.task.kind in ("spans", "reading"):
        return []
    train, draws = draw_rows(data, config, seed, share)
    return _probe_texts(data, embed_by_ngrams(texts_of(train)), train, draws)


def draw_rows(
    data: TaskData, config: EvaluateConfig, seed: int, share: float = DRAWN_SHARE
) -> tuple[Sequence[Row], list[NDArray[np.int64]]]:
    """At most ``probe_rows`` training rows, and for each draw the places of a ``share`` of them."""
    limit = config.probe_rows
    if data.task.kind == "choice":
        limit //= max(len(cast(Choice, row).choices) for row in data.train)
    elif data.task.kind == "reading":
        limit //= TOKENS_OF_A_QUESTION
    rng = np.random.default_rng([seed, 0])
    chosen = np.sort(rng.permutation(len(data.train))[:limit])
    count = max(2, round(share * len(chosen)))
    draws = [
        np.sort(np.random.default_rng([seed, draw]).permutation(len(chosen))[:count])
        for draw in range(1, config.probe_draws + 1)
    ]
    return [data.train[place] for place in chosen], draws


def pair_auc(embed: Embed, rows: Sequence[Labelled], positive: str) -> float:
    """How well the cosine of centred vectors tells pairs labelled ``positive``, without training: area in percent.

    The share of (positive, other) pairs whose cosines are in the right order; 50 is chance, whatever the base rate.
    """
    first, second = (embed([row.texts[side] for row in rows]).astype(np.float64) for side in (0, 1))
    # (u - c)·(v - c) multiplied out: sparse vectors stay sparse.
    center = np.asarray(first.mean(0) + second.mean(0)).ravel() / 2

    def centred(one: Features, other: Features) -> NDArray[np.float64]:
        products: NDArray[np.float64] = np.asarray((one * other).sum(1)).ravel()
        products += center @ center - one @ center - other @ center
        return products

    norms = np.sqrt(np.maximum(centred(first, first) * centred(second, second), 0))
    cosines = centred(first, second) / np.maximum(norms, 1e-12)
    right = np.array([row.label == positive for row in rows])
    _, place, alike = np.unique(cosines, return_inverse=True, return_counts=True)
    ranks = (alike.cumsum() - (alike - 1) / 2)[place]  # of equal ones, their mean
    hits, misses = right.sum(), (~right).sum()
    return float(100 * (ranks[right].sum() - hits * (hits + 1) / 2) / max(hits * misses, 1))


def _probe_texts(
    data: TaskData, embed: Embed, train: Sequence[Row], draws: Sequence[NDArray[np.int64]]
) -> list[Judged]:
    scored = data.scored
    known, asked = row_features(train, embed), row_features(scored, embed)
    extra: dict[str, float] = {}
    if data.task.kind == "pair" and len(data.labels) == 2:
        extra["auc"] = pair_auc(embed, cast(Sequence[Labelled], scored), data.labels[1])
    if data.task.kind == "choice":
        return _probe_choices(data, known, asked, cast(Sequence[Choice], train), draws)
    places = {label: place for place, label in enumerate(data.labels)}
    gold = np.array([places[cast(str, cast(Labelled, row).label)] for row in train])
    results = []
    for draw in draws:
        scores = fit_ridge(known[draw], _signs(gold[draw], len(data.labels)))(asked)
        chances = softmax(scores, axis=-1)
        predicted: list[Predicted] = [data.labels[place] for place in scores.argmax(-1)]
        results.append(_judge(data, predicted, chances.max(-1).tolist(), extra))
    return results


def _probe_choices(
    data: TaskData,
    known: Features,
    asked: Features,
    train: Sequence[Choice],
    draws: Sequence[NDArray[np.int64]],
) -> list[Judged]:
    """Each choice by itself, right or wrong; the highest score of a question wins."""
    owner = np.repeat(np.arange(len(train)), [len(row.choices) for row in train])
    right = np.array([place == row.answer for row in train for place in range(len(row.choices))], np.float32)
    scored = cast(Sequence[Choice], data.scored)
    bounds = np.cumsum([0, *(len(row.choices) for row in scored)])
    results = []
    for draw in draws:
        taken = np.isin(owner, draw)
        scores = fit_ridge(known[taken], (2 * right[taken] - 1)[:, None])(asked)[:, 0]
        by_row = [scores[a:b].tolist() for a, b in pairwise(bounds)]
        predicted: list[Predicted] = [*choose(scored, by_row)]
        results.append(_judge(data, predicted, [max(row) for row in by_row]))
    return results


def _fill(frozen: Frozen, data: TaskData) -> Judged:
    rows = cast(Sequence[Choice], data.scored)
    chosen, scores = fill_blanks(frozen.encoder, rows, frozen.machine, frozen.tokens)
    return _judge(data, [*chosen], [float(softmax(score).max()) for score in scores])


def _probe_tokens(
    frozen: Frozen,
    data: TaskData,
    config: EvaluateConfig,
    train: Sequence[Row],
    draws: Sequence[NDArray[np.int64]],
) -> list[Judged]:
    settings = config.of_task(data.task.name)

    def encode(rows: Sequence[Row]) -> tuple[list[Item], dict[int, NDArray[np.float32]]]:
        tagged = cast(Sequence[Tagged], rows)
        items = tags.encode(tagged, data.labels, frozen.encoder, settings, config, False)
        return items, token_states(frozen, items)

    names = tags.outputs(data.labels)
    known, states = encode(train)
    asked, asked_states = encode(data.scored)
    results = []
    for draw in draws:
        gold = np.concatenate([np.array(known[place].target, np.int64) for place in draw])
        _check_tokens(data, len(gold))
        features = np.concatenate([states[int(place)] for place in draw])
        ridge = fit_ridge(features, _signs(gold, len(names)), _balance(gold))
        scores = [ridge(asked_states[item.row]) for item in asked]
        predicted, confidence = tags.predict(
            cast(Sequence[Tagged], data.scored), data.labels, asked, scores, config
        )
        results.append(_judge(data, [*predicted], confidence))
    return results


def _probe_questions(
    frozen: Frozen,
    data: TaskData,
    config: EvaluateConfig,
    train: Sequence[Row],
    draws: Sequence[NDArray[np.int64]],
) -> list[Judged]:
    limit = data.task.probe_length

    def encode(
        rows: Sequence[Question],
    ) -> Callable[[int], tuple[Item, NDArray[np.float32], NDArray[np.float32]]]:
        """Each passage and question is read by itself: (passage's item, its states, the question's mean)."""
        contexts = list(dict.fromkeys(row.context for row in rows))
        texts = pieces(frozen.encoder, map(simplified, contexts))
        items = {
            context: Item(
                number, (join(frozen.encoder, text.ids, None, limit),), places=tuple(text.places[: limit - 2])
            )
            for number, (context, text) in enumerate(zip(contexts, texts, strict=True))
        }
        states = token_states(frozen, list(items.values()))
        asked = mean_states(frozen, [simplified(row.question) for row in rows], 64)

        def read(place: int) -> tuple[Item, NDArray[np.float32], NDArray[np.float32]]:
            row = rows[place]
            item = items[row.context]
            return item, states[item.row], asked[simplified(row.question)]

        return read

    known = cast(Sequence[Question], train)
    read_known = encode(known)
    scored = cast(Sequence[Question], data.scored)
    read_scored = encode(scored)
    results = []
    for draw in draws:
        features, targets = [], []
        for place in draw:
            item, states, question = read_known(int(place))
            span = answer.answer_span(known[int(place)])
            target = -np.ones((len(states), 2), np.float32)
            if span is not None:
                for token, (start, stop) in enumerate(item.places):
                    target[token, 0] = 1 if start <= span[0] < stop else -1
                    target[token, 1] = 1 if start < span[1] <= stop else -1
            features.append(np.concatenate([states, states * question], axis=1))
            targets.append(target)
        _check_tokens(data, sum(map(len, targets)))
        ridge = fit_ridge(np.concatenate(features), np.concatenate(targets))
        plain, crossed = np.split(ridge.weights, 2)
        predicted: list[Predicted] = []
        confidence: list[float] = []
        for place, row in enumerate(scored):
            item, states, question = read_scored(place)
            scores = states @ (plain + question[:, None] * crossed) + ridge.bias
            value, first, last = answer.best_span(scores, config.max_answer)
            predicted.append(row.context[item.places[first][0] : item.places[last][1]] if len(states) else "")
            confidence.append(value)
        results.append(_judge(data, predicted, confidence))
    return results


def _check_tokens(data: TaskData, tokens: int) -> None:
    if not tokens:
        raise GauptError(f"{data.task.name}: the training rows have no text to probe")


def _balance(gold: NDArray[np.int64]) -> NDArray[np.float32]:
    """Weights of tokens, one over the root of how often their tag occurs: O is nine tokens of ten, and by squares
    alone no other tag would ever be the highest."""
    counts = np.bincount(gold)
    weights: NDArray[np.float32] = (1 / np.sqrt(counts[gold])).astype(np.float32)
    return weights


def _signs(gold: NDArray[np.int64], labels: int) -> NDArray[np.float32]:
    """1 for each row's label, −1 for the others: [rows, labels]."""
    signs = -np.ones((len(gold), labels), np.float32)
    signs[np.arange(len(gold)), gold] = 1
    return signs


def _judge(
    data: TaskData,
    predicted: Sequence[Predicted],
    confidence: Sequence[float],
    extra: dict[str, float] | None = None,
) -> Judged:
    judged = Judged(score_rows(data.task, data.scored, predicted), predicted, confidence)
    judged.scored.figures.update(extra or {})
    return judged
