"""The tokenizer stage: a folder with one vocabulary that three libraries read alike."""

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaupt.config import MIN_VOCAB_SIZE, Config
from gaupt.corpus.documents import REPORT as DOCUMENTS_REPORT
from gaupt.corpus.documents import document_files, inputs_of, sample_texts
from gaupt.errors import GauptError
from gaupt.files import AnyPath, as_json, existing_file, read_json, remove, write_bytes, write_json
from gaupt.progress import Progress
from gaupt.quantities import duration
from gaupt.remote import place
from gaupt.seal import close
from gaupt.stage import CONFIG as RESOLVED
from gaupt.stage import RECORD, Plan, Stage, State, check_inputs, inspect, open_stage, write_config
from gaupt.tokenizer.estimate import estimate_tokenizer
from gaupt.tokenizer.find import tokenizer_folder
from gaupt.tokenizer.load import (
    CONFIG,
    FILES,
    REPORT,
    SENTENCEPIECE_MODEL,
    TOKENIZER,
    VOCABULARY,
    Tokenizer,
    config_of,
    copy_tokenizer,
    count_ids,
    load_tokenizer,
    written,
)
from gaupt.workers import LOCAL, Crew, Engine, default_workers, open_crew

if TYPE_CHECKING:
    from tokenizers import Tokenizer as FastTokenizer

    from gaupt.tokenizer.sample import Sample


_WORK = "work"
"""Folder of what the workers leave, inside the output folder, until the vocabulary is learnt."""


def plan(
    documents: AnyPath | None,
    output: AnyPath,
    config: Config | None = None,
    *,
    source: AnyPath | None = None,
    words: AnyPath | None = None,
    workers: int | None = None,
    overwrite: bool = False,
) -> Plan:
    """What `build_tokenizer` would do, how long it takes, and what ``output`` holds already. Writes nothing.

    Raises:
        GauptError: as `build_tokenizer`.
    """
    config, workers = config or Config(), workers or default_workers()
    documents, source = _path(documents), _path(source)
    words = _path(words)
    output = place(output)
    state = inspect(_stage(documents, source, words, output, config), overwrite)
    facts = {"output": f"{output} ({state.value})"}
    if documents is None:
        more = "" if words is None else f", with the words in {words}"
        return Plan(config, facts | {"vocabulary": f"take the vocabulary in {source}{more}"})
    facts["vocabulary"] = (
        f"learn {config.tokenizer.vocab_size:,} pieces ({config.tokenizer.type}), "
        "or as many as the text supports"
    )
    if state is State.COMPLETE and not overwrite:
        return Plan(config, facts)
    texts = sample_texts(documents)
    characters = sum(weight * len(text) for weight, text in texts)
    seconds = estimate_tokenizer([text for _, text in texts], characters, config.tokenizer, workers)
    sampled = min(characters, config.tokenizer.sample_chars)
    facts["text"] = f"about {characters:,.0f} characters, of which {sampled:,.0f} are learnt from"
    facts["time"] = f"about {duration(seconds)}"
    numbers = {"estimate": {"characters": round(characters), "expected_seconds": round(seconds, 1)}}
    return Plan(config, facts, numbers)


def build_tokenizer(
    documents: AnyPath | None,
    output: AnyPath,
    config: Config | None = None,
    *,
    source: AnyPath | None = None,
    words: AnyPath | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    overwrite: bool = False,
    engine: Engine = LOCAL,
) -> dict[str, Any]:
    """Learn a vocabulary from a folder of documents, or adopt the one in ``source``; return its report.

    ``source`` is a vocabulary of others (see `gaupt.tokenizer.adopt`), or a folder of ours that is or holds a
    tokenizer, such as a run, whose tokenizer is then copied byte for byte. ``words`` is a file of words to add to it.

    Where the text supports fewer pieces than the config asks for, the vocabulary has those, and its config says so.

    The workers of ``engine`` count the corpus's characters and draw the sample; this process learns, in a fixed number
    of threads, so that the vocabulary is the same on any machine.

    Raises:
        GauptError: as `gaupt.stage.open_stage`, `gaupt.workers.open_crew`, `gaupt.tokenizer.sample.draw_sample`,
            `gaupt.tokenizer.train.train`, `gaupt.tokenizer.adopt.adopt`, `gaupt.tokenizer.extend.read_words`.
    """
    documents, source, words, output = (
        _path(documents),
        _path(source),
        _path(words),
        engine.there(place(output)),
    )
    documents = None if documents is None else engine.there(documents)
    config, progress = config or Config(), progress or Progress(quiet=True)
    engine.check()
    stage = _stage(documents, source, words, output, config)
    with open_stage(stage, overwrite, progress, engine.is_shared) as state:
        if state is not State.COMPLETE:
            tasks = 1 if documents is None else len(document_files(documents))
            with open_crew(engine, workers, output, progress, tasks) as crew:
                if documents is not None:
                    _train(documents, output, config, crew, progress)
                else:
                    assert source is not None
                    crew.alone(output / CONFIG, partial(_adopt, source, words, output, config, progress))
    report: dict[str, Any] = read_json(output / REPORT)
    return report


def describe(report: Mapping[str, Any], output: AnyPath) -> str:
    """A line for people on what `build_tokenizer` made."""
    coverage = report.get("character_coverage")
    covered = "" if coverage is None else f", {coverage:.2%} of the sample's characters"
    return f"{place(output)}: {report['type']} vocabulary of {report['vocab_size']} pieces{covered}"


def _path(path: AnyPath | None) -> Path | None:
    return None if path is None else place(path)


def _stage(
    documents: Path | None, source: Path | None, words: Path | None, output: Path, config: Config
) -> Stage:
    """The stage that learns a vocabulary from ``documents``, or takes the one in ``source`` and adds ``words``.

    Raises:
        GauptError: neither or both are given, or what is given is missing or incomplete.
    """
    if words is not None and source is None:
        raise GauptError(
            f"--extend {words} adds words to a vocabulary that is there: name it, or a MODEL, with --from"
        )
    if (documents is None) == (source is None):
        raise GauptError(
            "give either a folder of documents to learn a vocabulary from, or --from an existing one"
        )
    if documents is not None:
        options: dict[str, Any] = {
            "seed": config.seed,
            "tokenizer": config.tokenizer.model_dump(mode="json"),
        }
        inputs = inputs_of(documents)
        if config.tokenizer.user_dictionary:
            inputs["tokenizer.user_dictionary"] = existing_file(
                config.tokenizer.user_dictionary, "tokenizer.user_dictionary"
            )
            options["tokenizer"]["user_dictionary"] = Path(config.tokenizer.user_dictionary).resolve().name
    else:
        assert source is not None
        from gaupt.tokenizer.adopt import find_vocabulary

        options = {"tokenizer": {"lowercase": config.tokenizer.lowercase}}
        inputs = {"--from": find_vocabulary(tokenizer_folder(source))}
        if words is not None:
            inputs["--extend"] = existing_file(words, "--extend")
    return Stage("tokenizer", output, CONFIG, options, inputs, _WORK)


def _train(documents: Path, output: Path, config: Config, crew: Crew, progress: Progress) -> None:
    from gaupt.tokenizer.sample import draw_sample

    work = output / _WORK
    sample = draw_sample(documents, work, config.tokenizer, config.seed, crew, progress)
    try:
        if not sample.characters:
            raise GauptError(
                f"{documents} holds no text to learn a vocabulary from; see {documents / DOCUMENTS_REPORT}"
            )

        def learn() -> None:
            check_inputs(_stage(documents, None, None, output, config))
            _learn(sample, documents, output, config, progress)

        crew.alone(output / CONFIG, learn)
    except GauptError:
        remove(work)  # the call with other options or documents shall find a new folder
        raise


def _learn(sample: "Sample", documents: Path, output: Path, config: Config, progress: Progress) -> None:
    from gaupt.tokenizer.convert import from_wordpiece
    from gaupt.tokenizer.convert_sentencepiece import from_sentencepiece
    from gaupt.tokenizer.train import train

    asked = config.tokenizer.vocab_size
    vocabulary = train(sample, config.tokenizer, progress)
    lowercase = config.tokenizer.lowercase
    if vocabulary.type == "char":
        pieces = vocabulary.data.decode().removesuffix("\n").split("\n")
        fast = from_wordpiece(pieces, lowercase, str(output))
    else:
        fast = from_sentencepiece(vocabulary.data, str(output))
    if (size := count_ids(fast)) < asked:
        progress.message(f"vocabulary: {size:,} pieces, as many as this text supports ({asked:,} asked)")
    write_bytes(output / vocabulary.file, vocabulary.data)
    report = {
        "type": vocabulary.type,
        "vocab_size": size,
        # Relative, so that both can be moved together.
        "documents": os.path.relpath(str(documents.resolve()), str(output.resolve())),
        "corpus_characters": sample.corpus_characters,
        "sampled_characters": sample.characters,
        "character_coverage": vocabulary.character_coverage,
    }
    _finish(output, with_vocab_size(config, size), written(fast), report, trained=True)


def with_vocab_size(config: Config, size: int) -> Config:
    """``config`` with the size that the vocabulary has in the end, or the least that a config may name."""
    tokenizer = config.tokenizer.model_copy(update={"vocab_size": max(size, MIN_VOCAB_SIZE)})
    return config.model_copy(update={"tokenizer": tokenizer})


def _adopt(source: Path, words: Path | None, output: Path, config: Config, progress: Progress) -> None:
    from gaupt.tokenizer.adopt import adopt

    folder = tokenizer_folder(source)
    if _is_ours(folder):
        tokenizer = load_tokenizer(folder)
        if words is None:
            _copy(tokenizer, output, config, source.name)
        else:
            model = folder / SENTENCEPIECE_MODEL
            native = model.read_bytes() if model.is_file() and tokenizer.is_as_made else None
            report = {"type": tokenizer.config["gaupt"]["type"], "from": source.name, "added": ()}
            trained = tokenizer.config["gaupt"]["trained"]
            _extend(tokenizer.fast, native, words, output, config, report, trained, progress)
        return
    adopted = adopt(folder, config.tokenizer.lowercase)
    if adopted.added:
        progress.message(f"{source} has no {', '.join(adopted.added)}: added behind its last id")
    native = adopted.native.read_bytes() if adopted.native is not None else None
    report = {"type": adopted.type, "from": source.name, "added": adopted.added}
    if words is not None:
        native = native if adopted.native_name == SENTENCEPIECE_MODEL else None
        _extend(adopted.fast, native, words, output, config, report, False, progress)
        return
    if native is not None and adopted.native_name is not None:
        write_bytes(output / adopted.native_name, native)
    report["vocab_size"] = count_ids(adopted.fast)
    _finish(output, config, written(adopted.fast), report, trained=False)


def _copy(tokenizer: Tokenizer, output: Path, config: Config, name: str) -> None:
    """Take a tokenizer of ours byte for byte: shards made with the copy are shards made with it."""
    known = tokenizer.config["gaupt"]
    report = {"type": known["type"], "vocab_size": tokenizer.vocab_size, "from": name, "added": ()}
    copy_tokenizer(tokenizer.folder, output)
    trained = known["trained"] and tokenizer.is_as_made
    _finish(output, config, (output / TOKENIZER).read_bytes(), report, trained=trained)


def _extend(
    fast: "FastTokenizer",
    model: bytes | None,
    words: Path,
    output: Path,
    config: Config,
    report: dict[str, Any],
    trained: bool,
    progress: Progress,
) -> None:
    from gaupt.tokenizer.extend import extend, read_words

    wanted = read_words(words)
    extended = extend(fast, model, wanted, report["from"])
    report |= {
        "vocab_size": count_ids(extended.fast),
        "words": len(wanted) - len(extended.known),
        "known_words": extended.known,
        "steps": extended.steps,
    }
    told = f"{report['words']:,} words added to {count_ids(fast):,} pieces"
    if extended.known:
        told += f"; {len(extended.known):,} were pieces already"
    if extended.steps:
        told += f"; {len(extended.steps):,} pieces on the way to words came with them"
    progress.message(told)
    if extended.model is not None:
        write_bytes(output / SENTENCEPIECE_MODEL, extended.model)
    # A vocab.txt alone would not find the words that are cut out of the text, so there is none.
    _finish(output, config, written(extended.fast), report, trained and extended.model is not None)


def _is_ours(folder: Path) -> bool:
    """Whether a folder's tokenizer_config.json says that gaupt made its tokenizer."""
    try:
        return bool({"type", "trained"} <= read_json(folder / CONFIG)["gaupt"].keys())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _finish(
    output: Path, config: Config, tokenizer_json: bytes, report: dict[str, Any], trained: bool
) -> None:
    write_bytes(output / TOKENIZER, tokenizer_json)
    write_config(output, config)
    write_json(output / REPORT, report)
    native = {
        name: (output / name).read_bytes()
        for name in (SENTENCEPIECE_MODEL, VOCABULARY)
        if (output / name).exists()
    }
    config_json = config_of({TOKENIZER: tokenizer_json, **native}, report["type"], trained)
    close(output, CONFIG, as_json(config_json), (*FILES, REPORT, RESOLVED, RECORD))
