"""``gaupt demo``."""

from pathlib import Path
from typing import Annotated

import typer

from gaupt.cli import options


def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write.")] = Path("demo"),
    preset: options.Preset = "demo",
    config_file: options.ConfigFile = None,
    overrides: options.Set = None,
    workers: options.Workers = None,
    seed: options.Seed = None,
    dry_run: options.DryRun = False,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    """Run the whole chain on the bundled sample: a few minutes on a laptop."""
    from gaupt.config import load_config
    from gaupt.demo import demo_plan, run_demo
    from gaupt.evaluation.fill import format_filled
    from gaupt.progress import Progress

    config = load_config(preset, config_file, overrides or (), {"seed": seed})
    if dry_run:
        options.print_plan(config, demo_plan(output, config, overwrite), as_json=as_json)
        return
    result = run_demo(output, config, workers=workers, progress=Progress(quiet), overwrite=overwrite)
    if as_json:
        options.print_json(result)
    if as_json or quiet:
        return
    print(result["summary"])
    print(format_filled(result["predictions"]))
    for name, path in result["paths"].items():
        print(f"{name + ':':10} {path}")
