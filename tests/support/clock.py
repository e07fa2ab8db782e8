"""A time that a test moves, and the margin of tests that measure one."""

SLOW = 5  # how many times slower a machine may be than an idle one, which other work keeps busy


class Clock:
    """Call it for the time in seconds; set `now` to move it."""

    def __init__(self, now: float = 2e9) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
