"""A time that a test moves."""


class Clock:
    """Call it for the time in seconds; set `now` to move it."""

    def __init__(self, now: float = 2e9) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
