"""Secrets in files: read when they are needed, and never shown."""

import re
from pathlib import Path

from scifish.errors import SecretError


def is_token(text: str) -> bool:
    """Tell whether a secret can stand in a header."""
    return bool(re.fullmatch(r"[!-~]+", text))


def secret_in(path: Path, what: str, *, header: bool = False) -> str:
    """Return the secret (`what`: token, password) that a file holds. Raises SecretError, which shows none.

    `header`: it goes into a header of HTTP, which carries no spaces, line ends or é.
    """
    try:
        text = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        why = f"cannot be read ({error.strerror}); check the path and its rights"
    except UnicodeDecodeError:
        why = f"is not UTF-8 text; write the {what} into it as text"
    else:
        if text and (is_token(text) or not header):
            return text
        why = f"is empty; write the {what} into it"
        if text:
            why = f"holds no {what} (one line of ASCII without spaces is expected); write it anew"
    raise SecretError(f"{path} {why}")
