"""The version of the distribution."""

from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version


@lru_cache(maxsize=1)
def scifish_version() -> str:
    """Return the version of the distribution that scifish belongs to."""
    try:
        return version("scizoo")
    except PackageNotFoundError:
        return "0+unknown"
