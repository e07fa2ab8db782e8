"""Secrets from a file or the environment; they are read when needed and never shown."""

import os
from pathlib import Path

from sdm.errors import OfficeRefused


def read_secret(what: str, file: Path | None, variable: str) -> str:
    """Return the secret in `file`, else in the environment. Raises OfficeRefused, which does not show it."""
    text, where = _from_file(what, file) if file else (os.environ.get(variable, ""), f"${variable}")
    secret = text.strip()
    if not secret:
        raise OfficeRefused(f"no {what}: {where} is empty; put it into a file and name that in the settings")
    if not (secret.isascii() and secret.isprintable()):
        raise OfficeRefused(f"the {what} in {where} has characters that no header can carry; write it anew")
    return secret


def _from_file(what: str, file: Path) -> tuple[str, str]:
    try:
        return file.read_text(encoding="utf-8"), str(file)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise OfficeRefused(f"{file}: the {what} cannot be read ({reason}); check path and rights") from error
