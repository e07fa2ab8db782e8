"""SciFish: records the metadata of scans. ``from scifish import SciFish`` is all that an orchestrator needs.

The import is silent and connects to nothing. A package that SciFish needs and that is missing is a
`DependencyError`, which is no ImportError: who guards the import by ``except ImportError`` must not mistake a
broken installation for a host without SciFish.
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
