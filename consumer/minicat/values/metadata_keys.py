"""Names of scientific metadata as SciCat stores them since v4.27: URL-encoded, ``.`` as ``%2E``.

v3 answers with the decoded names, v4 with the stored ones. What a decoder changes counts as encoded already:
a key that is literally ``%2E`` is therefore one with ``.``, and cannot be told from it.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote

_AS_JAVASCRIPT = "!*'()"  # what encodeURIComponent leaves alone beside letters, digits and ``_-~``
_MALFORMED = re.compile(r"%(?![0-9A-Fa-f]{2})")


def encode(name: str) -> str:
    """Return one name as ``encodeURIComponent`` writes it, with ``%2E`` for ``.``."""
    try:
        return quote(name, safe=_AS_JAVASCRIPT).replace(".", "%2E")
    except UnicodeEncodeError:  # half a surrogate pair: SciCat leaves such a name as it is
        return name


@lru_cache(maxsize=8192)  # the same names come with every scan
def decode(name: str) -> str:
    """Return one name decoded, or as it is when it is not well-formed."""
    if _MALFORMED.search(name):
        return name
    try:
        return unquote(name, errors="strict").replace("%2E", ".")
    except UnicodeDecodeError:
        return name


@lru_cache(maxsize=8192)
def stored(name: str) -> str:
    """Return a name as it is stored: encoded, unless it is already."""
    return encode(name) if decode(name) == name else name


def with_stored_names(metadata: dict[str, Any]) -> dict[str, Any]:
    """Return `metadata` with the names of the storage, in all its groups."""
    return _renamed(metadata, stored)


def with_decoded_names(metadata: dict[str, Any]) -> dict[str, Any]:
    """Return stored `metadata` with decoded names, in all its groups."""
    return _renamed(metadata, decode)


def _renamed(group: dict[str, Any], rename: Callable[[str], str]) -> dict[str, Any]:
    return {
        rename(name): _renamed(one, rename) if isinstance(one, dict) else one for name, one in group.items()
    }
