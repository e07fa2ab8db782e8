"""Secrets in files: read when they are needed, and never shown."""

from pathlib import Path

from scifish.errors import SecretError


def secret_in(path: Path, what: str) -> str:
    """Return the secret (`what`: token, password) that a file holds. Raises SecretError, which shows none."""
    try:
        text = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        why = f"cannot be read ({error.strerror}); check the path and its rights"
    except UnicodeDecodeError:
        why = f"is not UTF-8 text; write the {what} into it as text"
    else:
        if text:
            return text
        why = f"is empty; write the {what} into it"
    raise SecretError(f"{path} {why}")
