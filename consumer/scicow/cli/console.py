"""Rich's console, for programs whose output may be read by `head`."""

from rich.console import Console


class PipedConsole(Console):
    """A console that leaves it to the program's outermost call what a closed pipe means."""

    def on_broken_pipe(self) -> None:
        """Raise the error that is being handled; rich would end the process as failed."""
        self.quiet = True
        raise  # noqa: PLE0704 - rich calls this in its `except BrokenPipeError`
