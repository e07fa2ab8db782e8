"""The console scripts of every part: each starts its program, or names the extra of scizoo that it lacks."""

import sys
from functools import partial
from importlib import import_module

from scifish.common.one_line import flush

OURS = {"sdm", "duo", "pathfixer", "scidog", "scifly", "scifish", "scicow", "minicat", "scanlog", "scizoo"}


def start(program: str, module: str, extra: str) -> None:
    """Run `main` of a module; a package that it needs and that is missing is one line and exit code 1."""
    try:
        main = import_module(module).main
    except ModuleNotFoundError as error:
        sys.exit(f"{program}: {lacking(error, extra)}")
    try:
        main()
    finally:
        flush()


def lacking(error: ModuleNotFoundError, extra: str) -> str:
    """Say what to install; a module of ours that is missing is no matter of extras: the error goes on."""
    if error.name is None or error.name.partition(".")[0] in OURS:
        raise error
    return f"{error.name} is not installed; install it with: pip install 'scizoo[{extra}]'"


pathfixer = partial(start, "PathFixer", "pathfixer.device", "devices")
scidog = partial(start, "SciDog", "scidog.device", "devices")
scifly = partial(start, "SciFly", "scifly.device", "devices")
scifly_command = partial(start, "scifly", "scifly.cli.main", "devices")
scicow = partial(start, "scicow", "scicow.cli.main", "consumer")
minicat = partial(start, "minicat", "minicat.cli", "consumer")
scanlog = partial(start, "scanlog", "scanlog.cli", "web")
