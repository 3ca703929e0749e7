"""What is said of a wrong call: an option, an argument or a command that there is not, or that lacks something."""

import difflib
import re
from collections.abc import Sequence
from typing import Any

from typer.core import TyperCommand

from gaupt.errors import GauptError
from gaupt.spelling import number

SECTIONS = {
    "clean": ("clean",),
    "tokenizer": ("tokenizer",),
    "shard": ("shards",),
    "prepare": ("clean", "tokenizer", "shards"),
    "pretrain": ("train", "model", "shards"),
    "demo": ("clean", "tokenizer", "shards", "train", "model"),
    "evaluate": ("evaluate",),
    "export": ("export",),
}
"""The sections of the config that a command goes by."""
COMMAND_SYNONYMS = {
    "train": "pretrain", "resume": "pretrain", "tokenize": "tokenizer", "tokenise": "tokenizer", "vocab": "tokenizer",
    "preprocess": "prepare", "dedup": "clean", "filter": "clean", "pack": "shard", "finetune": "evaluate",
    "eval": "evaluate", "probe": "evaluate", "predict": "fill", "benchmark": "bench", "convert": "import",
    "info": "inspect", "verify": "inspect",
    "preset": "presets", "options": "config", "metrics": "score", "save": "export", "onnx": "export",
}  # fmt: skip
"""What others call our commands."""
OPTION_SYNONYMS = {
    "--output": "output-dir output_dir outdir out save-dir save_dir run-dir model-out destdir",
    "--config": "config-file config_file cfg conf",
    "--device": "cuda gpu use-cuda no-cuda",
    "--workers": "num-workers num_workers num-proc num_proc jobs threads nproc",
    "--quiet": "silent",
    "--overwrite": "force overwrite-output-dir overwrite_output_dir restart",
}
"""What others call options of ours."""
WAYS = {
    "no option is needed, the same command resumes": "resume resume-from-checkpoint resume_from_checkpoint continue",
    "several GPUs: torchrun --nproc-per-node N -m gaupt pretrain …": "gpus num-gpus num_gpus ngpus nproc-per-node "
    "nproc_per_node distributed-world-size",
    "gaupt --version tells it": "version",
}
"""What to do instead of options of others that we need not have."""


class OnceCommand(TyperCommand):
    """A command that refuses an option given twice, where the last would win in silence."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As the parent's.

        Raises:
            GauptError: an option that takes one value has several.
        """
        if not ctx.resilient_parsing:
            order: list[Any] = list(self.make_parser(ctx).parse_args(args=list(args))[2])
            for param in {id(param): param for param in order}.values():
                single = param.param_type_name == "option" and not (param.multiple or param.is_flag)
                if single and sum(other is param for other in order) > 1:
                    raise GauptError(f"{' or '.join(param.opts)} is given twice; name it once")
        return super().parse_args(ctx, args)


def usage_message(error: Any, arguments: Sequence[str]) -> str:
    """One line on a usage error of click's, with what is meant and where the help is.

    ``arguments`` are those of the command line, without the program's name.
    """
    # By name: typer ships a click of its own since 0.26.
    kind, message = type(error).__name__, error.format_message().removesuffix(".")
    command = error.ctx.command_path if error.ctx else "gaupt"
    if kind == "NoSuchOption":
        message = _unknown_option(error, arguments)
    elif kind == "MissingParameter":
        message = f"{message}{_meaning(error.param)}"
    elif kind == "BadOptionUsage":
        command = f"gaupt {arguments[0]}" if arguments else command
    elif unknown := re.match(r"No such command '(.*?)'", message):
        message = _unknown_command(unknown[1], list(error.ctx.command.commands))
    elif extra := re.match(r"Got unexpected extra arguments? ?(?:\(s\))? \((.*)\)", message):
        message = _unexpected(extra[1], error.ctx, arguments)
    elif kind == "BadParameter" and error.param is not None:
        said = _as_said(error.param.opts, arguments)
        message = f"{said}: {_expected(error.message)}"
        meant = number(re.split("[ =]", said, maxsplit=1)[-1], whole="whole number" in message)
        if "number" in message and meant is not None:
            message += f", such as {meant}"
    return f"{message} (see {command} --help)"


def _unknown_option(error: Any, arguments: Sequence[str]) -> str:
    option, context = error.option_name, error.ctx
    said = next((word for word in arguments if word.startswith(option) and not word.startswith("--")), option)
    if f"-{said}" in _options(context.command):
        return f"No such option: {said}; did you mean -{said}?"
    commands = getattr(context.command, "commands", None)
    if commands is not None:  # options before the command
        some = [name for name, command in commands.items() if option in _options(command)]
        where = f"; options stand behind the command: gaupt {some[0]} {option}" if some else ""
        return f"No such option: {option}{where}"
    meant = _elsewhere(option, context) or _meant(option, context, arguments)
    return f"No such option: {option}{f'; {meant}' if meant else ''}"


def _elsewhere(option: str, context: Any) -> str:
    """What stands for an option of others, or of an argument's name: an option of ours, an argument, a way."""
    name, own = option.lstrip("-").lower(), _options(context.command)
    for param in (param for param in context.command.params if param.param_type_name == "argument"):
        takes = param.metavar or param.human_readable_name
        if name.rstrip("s") == takes.strip("[].").lower().rstrip("s"):
            return f"{takes} takes no option: gaupt {context.info_name} {takes}"
    for meant, names in OPTION_SYNONYMS.items():
        if name in names.split() and meant in own:
            return f"did you mean {meant}?"
    return next((way for way, names in WAYS.items() if name in names.split()), "")


def _meant(option: str, context: Any, arguments: Sequence[str]) -> str:
    """What an option that the command does not have may mean, or nothing."""
    name, own = option.lstrip("-").replace("-", "_").lower(), _options(context.command)
    keys = _keys(name, context.info_name) if "--set" in own else []
    value = _as_said([option], arguments).removeprefix(option).lstrip(" =") or "…"
    same = [f"{key}={value}" for key in keys if key.rpartition(".")[2] == name]
    if same:
        return f"use --set {' or --set '.join(same)}"
    near = [long for long in own if long.startswith(option)] if len(name) > 2 else []
    near = near or difflib.get_close_matches(option.lower().replace("_", "-"), own, n=1, cutoff=0.75)
    if near:
        return f"did you mean {' or '.join(near)}?"
    named = [f"--{key.rpartition('.')[2].replace('_', '-')}" for key in keys]
    told = [long if long in own else f"--set {key}=…" for long, key in zip(named, keys, strict=True)]
    if told:
        return f"did you mean {' or '.join(told)}?"
    commands = context.find_root().command.commands
    others = [f"gaupt {other}" for other, command in commands.items() if option in _options(command)]
    return f"{' and '.join(others)} {'have' if len(others) > 1 else 'has'} it" if 0 < len(others) < 4 else ""


def _keys(name: str, command: str) -> list[str]:
    """Options of the config called ``name``, here or elsewhere, in the sections that ``command`` goes by."""
    from gaupt.config.names import near_keys

    return [
        key for key in near_keys([name], fuzzy=False) if key.partition(".")[0] in SECTIONS.get(command, ())
    ]


def _options(command: Any) -> list[str]:
    return [option for param in command.params for option in param.opts if option.startswith("--")]


def _meaning(param: Any) -> str:
    """What a missing argument or option is for."""
    help_ = (getattr(param, "help", None) or "").split("\n")[0].removesuffix(".")
    first = help_[0].lower() if help_[1:2].islower() else help_[:1]  # HTML stays HTML
    return f": {first}{help_[1:]}" if help_ else ""


def _unknown_command(name: str, known: list[str]) -> str:
    plain = name.lower().removeprefix("gaupt").strip("-_ ")
    if plain in ("help", "version"):
        return f"No such command '{name}'; did you mean gaupt --{plain}?"
    near = (
        [COMMAND_SYNONYMS[plain]]
        if plain in COMMAND_SYNONYMS
        else difflib.get_close_matches(plain, known, n=1)
    )
    return f"No such command '{name}'; " + (
        f"did you mean {near[0]}?" if near else f"choose one of {', '.join(known)}"
    )


def _unexpected(words: str, context: Any, arguments: Sequence[str]) -> str:
    """An argument too many: perhaps the value of a ``--set`` without its sign, or a ``--set`` without its name."""
    first = words.split()[0]
    at = list(arguments).index(first) if first in arguments else 0
    if at >= 2 and arguments[at - 2] == "--set" and "=" not in arguments[at - 1]:
        return f"--set {arguments[at - 1]} {first}: expected --set {arguments[at - 1]}={first}"
    if re.fullmatch(r"[a-z]+(\.\w+)+=.*", first) and "--set" in _options(context.command):
        return f"Unexpected argument {words}; did you mean --set {first}?"
    takes = [
        p.metavar or p.human_readable_name for p in context.command.params if p.param_type_name == "argument"
    ]
    named = " ".join(takes) if takes else "no argument"
    return f"Unexpected argument {words}: {context.info_name} takes {named}"


def _as_said(options: Sequence[str], arguments: Sequence[str]) -> str:
    """An option as it stands on the command line, with its value."""
    for word, after in zip(arguments, [*arguments[1:], "--"], strict=True):
        if word in options:
            return word if after.startswith("--") else f"{word} {after}"
        if word.partition("=")[0] in options:
            return word
    return " / ".join(options)


def _expected(message: str) -> str:
    """What a value should have been, in plain words, from what click or pydantic says of it."""
    if bound := re.search(r"(?:greater than or equal to |x>=)(-?\d+(?:\.\d+)?)", message):
        return f"expected at least {bound[1]}"
    for kind, told in (("integer", "a whole number"), ("number", "a number"), ("float", "a number")):
        if f"valid {kind}" in message:
            return f"expected {told}"
    return f"{message[:1].lower()}{message[1:].removesuffix('.')}"
