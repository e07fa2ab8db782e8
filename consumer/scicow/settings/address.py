"""The address of a server, as a setting gives it."""

from urllib.parse import urlsplit

_FORM = "write http://host:port or https://host"


def check_address(url: str) -> None:
    """Raise ValueError for what is no plain address of a server; its text shows no password."""
    if "@" in url:
        raise ValueError("url holds an account ('@'); give username and password_file instead of it")
    if not (url.isascii() and url.isprintable()) or " " in url:
        raise ValueError(f"url {url!r} holds a character that no address has; {_FORM}")
    if "?" in url or "#" in url:
        raise ValueError(f"url {url!r} holds '?' or '#'; end it before that")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"url {url!r} is no address ({error}); {_FORM}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"url {url!r} is no address; {_FORM}")
    if port == 0 or parts.netloc.endswith(":"):
        raise ValueError(f"url {url!r} has no port behind its ':'; {_FORM}")
