"""A number with the word that it counts, as people write it: ``1 item``, ``2 items``."""


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return the number and its word; `many` where more changes than an ``s``: ``message waits``."""
    return f"{number} {one}" if number == 1 else f"{number} {many or f'{one}s'}"
