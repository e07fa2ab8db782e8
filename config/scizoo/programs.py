"""The console scripts of every part: each starts its program, or names the extra of scizoo that it lacks."""

import sys
from importlib import import_module

from scifish.common.one_line import flush

OURS = {"sdm", "duo", "pathfixer", "scidog", "scifly", "scifish", "scicow", "minicat", "scanlog", "scizoo"}


def pathfixer() -> None:
    """Run PathFixer."""
    start("PathFixer", "pathfixer.device", "devices")


def scidog() -> None:
    """Run SciDog."""
    start("SciDog", "scidog.device", "devices")


def scifly() -> None:
    """Run SciFly."""
    start("SciFly", "scifly.device", "devices")


def scifly_command() -> None:
    """Run the command scifly."""
    start("scifly", "scifly.cli.main", "devices")


def scicow() -> None:
    """Run scicow."""
    start("scicow", "scicow.cli.main", "consumer")


def minicat() -> None:
    """Run minicat."""
    start("minicat", "minicat.cli", "consumer")


def scanlog() -> None:
    """Run scanlog."""
    start("scanlog", "scanlog.cli", "web")


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
