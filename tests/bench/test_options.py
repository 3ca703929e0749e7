import inspect

from gaupt.bench.options import Options
from gaupt.cli.bench import bench


def test_the_command_line_has_these_defaults() -> None:
    defaults = {name: parameter.default for name, parameter in inspect.signature(bench).parameters.items()}
    shared = ("layers", "batch_tokens", "rounds", "precision")
    assert {name: defaults[name] for name in shared} == {name: getattr(Options(), name) for name in shared}
    lengths = inspect.signature(bench).parameters["lengths"].annotation.__metadata__[0].help
    assert lengths.endswith("[128, 512, 2048, and 8192 for mixed chunks]")
