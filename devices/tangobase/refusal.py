"""A refusal as a Tango client reads it."""

from typing import Any, NoReturn

from tango import Except

from scifish.tango_client.text import latin1


def refuse(reason: str, text: str, device: str) -> NoReturn:
    """Raise DevFailed. The text goes as Latin-1, which clients read; as `str` PyTango would send UTF-8."""
    carried: Any = latin1(f"{device}: {text}").encode("latin-1")
    Except.throw_exception(reason, carried, device)
    raise AssertionError("throw_exception raises")
