"""Commands that report each failure in one line on stderr: what, which value, where, and what to do."""

import os
import select
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import click

WRONG, FAILED, INTERRUPTED = 2, 1, 130
HELP = ("-h", "--help")
_STREAMS = (1, 2)


class OneLine(click.Command):
    """A program that is named as its command; an error of `codes` ends it with the exit code beside it.

    Its help also comes with -h. It ends without a word when nobody reads its output any more, as before
    `| head`.
    """

    def __init__(
        self, name: str | None, *, codes: Mapping[type[Exception], int] | None = None, **given: Any
    ) -> None:
        given["context_settings"] = {"help_option_names": HELP, **(given.get("context_settings") or {})}
        super().__init__(name, **given)
        self._codes = dict(codes or {})

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the program and end the process, as click does, but without click's lines of usage."""
        try:
            result = self._run(args, prog_name=prog_name, complete_var=complete_var, **extra)
            sys.stdout.flush()
        except BrokenPipeError:
            if not output_is_closed():  # a connection of the program's own
                raise
            leave_output()
            result = 0
        sys.exit(result if isinstance(result, int) else 0)

    def _run(self, args: Sequence[str] | None, **extra: Any) -> Any:
        """Run the program; an error is printed as one line and ends the process."""
        output = sys.stdout
        try:
            return super().main(args, standalone_mode=False, **extra)
        except SystemExit:
            if (
                sys.stdout is not output
            ):  # click's sign that it met a closed pipe, which it takes for a failure
                raise BrokenPipeError from None
            raise
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(WRONG)
        except click.ClickException as error:
            fail(str(self.name), _with_help(error), WRONG)
        except click.Abort:  # Ctrl-C
            fail(str(self.name), "interrupted", INTERRUPTED)
        except tuple(self._codes) as error:
            fail(str(self.name), str(error), self._code(error))

    def _code(self, error: Exception) -> int:
        """Return the code of the first kind that the error is of."""
        return next(code for kind, code in self._codes.items() if isinstance(error, kind))


class OneLineGroup(OneLine, click.Group):
    """A program with commands."""


def fail(program: str, text: str, code: int) -> NoReturn:
    """Print one line on stderr, which begins with the program's name once, and end with the exit code."""
    click.echo(prefixed(program, " ".join(text.split())), err=True)
    sys.exit(code)


def prefixed(program: str, text: str) -> str:
    """Return a line that begins with the program's name; a library's own line may have it already."""
    prefix = f"{program}: "
    return text if text.startswith(prefix) else prefix + text


def echo(text: str) -> None:
    """Print a line; when nobody reads the output any more the work goes on, for its exit code."""
    try:
        click.echo(text)
    except BrokenPipeError:
        leave_output()


def flush() -> None:
    """Write what is still to be written; nobody may read it any more."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        leave_output()


def output_is_closed() -> bool:
    """Tell whether nobody reads our output, or errors, any more."""
    look = select.poll()
    for stream in _STREAMS:
        look.register(stream, 0)
    return any(event & select.POLLERR for _, event in look.poll(0))


def leave_output() -> None:
    """Write what is still in the buffers to nowhere: else the interpreter would complain at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in _STREAMS:
        os.dup2(nowhere, stream)
    os.close(nowhere)


def _with_help(error: click.ClickException) -> str:
    text = error.format_message().rstrip(".")
    where = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else None
    return f"{text}; see `{where} --help`" if where else text
