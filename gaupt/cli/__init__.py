"""The command line: one file a command, each parses, calls one function of a stage and renders its result."""

import errno
import os
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from typing import Annotated, Any

import typer

from gaupt import __version__
from gaupt.cli.bench import bench
from gaupt.cli.clean import clean
from gaupt.cli.config import config
from gaupt.cli.demo import demo
from gaupt.cli.evaluate import evaluate
from gaupt.cli.export import export
from gaupt.cli.fill import fill
from gaupt.cli.import_ import import_
from gaupt.cli.inspect import inspect
from gaupt.cli.prepare import prepare
from gaupt.cli.presets import presets
from gaupt.cli.pretrain import pretrain
from gaupt.cli.report import report
from gaupt.cli.score import score
from gaupt.cli.shard import shard
from gaupt.cli.tokenizer import tokenizer
from gaupt.cli.usage import OnceCommand, usage_message
from gaupt.errors import GauptError
from gaupt.spelling import plainly
from gaupt.visible import visible_message

# UsageError of click, which typer ships inside itself since 0.26: reached through a public subclass.
USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]

INTERRUPTED = 130
"""Exit status after Ctrl-C: 128 and the number of SIGINT."""

app = typer.Typer(
    name="gaupt",
    help="Pretrain your own Chinese language encoder: raw text in, a GAU model that transformers loads out.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

THE_DISK_SAYS_NO = {
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG,
    errno.EROFS, errno.EACCES, errno.EPERM,
    errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.ENXIO,
}  # fmt: skip
"""Errors of the system that the user mends, wherever they come up: a full disk, a folder that is not theirs, links in
a circle, a socket for a file."""

COMMANDS: dict[str, Callable[..., None]] = {
    "demo": demo,
    "prepare": prepare,
    "clean": clean,
    "tokenizer": tokenizer,
    "shard": shard,
    "pretrain": pretrain,
    "evaluate": evaluate,
    "score": score,
    "fill": fill,
    "export": export,
    "import": import_,
    "bench": bench,
    "inspect": inspect,
    "report": report,
    "presets": presets,
    "config": config,
}
for name, command in COMMANDS.items():
    app.command(name, cls=OnceCommand)(command)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"gaupt {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version and exit.", is_eager=True, callback=_print_version),
    ] = False,
) -> None:
    pass


@cache
def command_line() -> Any:
    """All commands as click knows them; typer makes them anew at each call of ``app``, in a hundredth of a second."""
    return typer.main.get_command(app)


def main() -> None:
    """Run the command line and exit: 0 done, 2 the user's mistake, 130 interrupted, 1 anything else."""
    try:
        if "" in sys.argv[1:]:  # which as a path would be the folder that we are in
            raise GauptError("an argument is empty; a variable of the shell may not be set")
        status = command_line()(sys.argv[1:] or ["--help"], standalone_mode=False)
    except GauptError as error:
        status = _fail_for(str(error), sys.argv[1:])
    except USAGE_ERROR as error:
        status = 2 if _told_elsewhere() else _fail_for(usage_message(error, sys.argv[1:]), sys.argv[1:])
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away (gaupt … | head).
        sys.stderr.close()
        status = 0
    except shutil.Error as error:  # of several files; the first says enough
        _, place, why = error.args[0][0]
        why = re.sub(
            r"^\[Errno \d+\] ([^:]+): .*", r"\1", str(why), flags=re.DOTALL
        )  # which names both files again
        status = _fail(f"{place}: {why}; mend that and run the same command again")
    except RuntimeError as error:
        if not str(error).startswith("Symlink loop"):  # of Python's before 3.13
            raise
        status = _fail(f"{error}: a link that leads back to itself; mend that and run the same command again")
    except OSError as error:
        if error.errno not in THE_DISK_SAYS_NO:
            raise
        # Where a file was copied or got another name, the second is what could not be written.
        place = error.filename2 or error.filename
        where = f"{place}: " if place else ""
        status = _fail(f"{where}{error.strerror}; mend that and run the same command again")
    except Exception as error:
        if not (name := _no_utf8(error, sys.argv[1:])):
            raise
        status = _fail(f"{name}: a name that is not UTF-8 cannot be used here; rename it")
    if status == INTERRUPTED:  # typer turns a KeyboardInterrupt into this status, older ones into Abort
        with suppress(OSError):  # whose terminal was closed
            print("gaupt: interrupted; the same command continues", file=sys.stderr, flush=True)
    sys.exit(status or 0)


def _no_utf8(error: Exception, arguments: Sequence[str]) -> str | None:
    """The argument whose name is no UTF-8, which those who write JSON and load models do not take, if it is that."""
    if isinstance(error, UnicodeEncodeError) or "not valid UTF-8" in str(error):
        return next((word for word in arguments if any("\ud800" <= sign <= "\udfff" for sign in word)), None)
    return None


def _told_elsewhere() -> bool:
    """Whether torchrun started several processes with this command line, and another is the first."""
    return os.environ.get("WORLD_SIZE", "1") != "1" and os.environ.get("RANK", "0") != "0"


def _fail_for(message: str, arguments: Sequence[str]) -> int:
    """Fail with ``message``, and with what to type where it is about a word with look-alike signs."""
    meant = plainly(message, arguments)
    return _fail(f"{message}; {meant}" if meant else message)


def _fail(message: str) -> int:
    print(f"gaupt: error: {visible_message(message)}", file=sys.stderr)
    return 2
