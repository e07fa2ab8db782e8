"""SciFish: records the metadata of scans. ``from scifish import SciFish`` is all that an orchestrator needs.

The import prints nothing and connects to nothing. When a package that SciFish needs is missing, it raises
`DependencyError`. That is no ImportError: code with ``except ImportError`` must not take a broken
installation for a host without SciFish.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scifish.client import SciFish as SciFish

__all__ = ["SciFish"]


def __getattr__(name: str) -> Any:
    """Import `SciFish` when it is asked for."""
    if name != "SciFish":
        raise AttributeError(f"module 'scifish' has no attribute {name!r}")
    from scifish.errors import DependencyError

    try:
        from scifish.client import SciFish
    except ImportError as error:
        raise DependencyError(
            f"scifish is installed, but {error.name or 'a package'} that it needs is not ({error}); "
            "pip install --upgrade scizoo"
        ) from error
    globals()[name] = SciFish
    return SciFish
