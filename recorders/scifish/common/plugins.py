"""What other packages add to ours through Python's entry points, beside our own, in one table by name."""

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar

from scifish.errors import PluginError

Kind = TypeVar("Kind")


def plugins(group: str, own: Mapping[str, str]) -> dict[str, EntryPoint]:
    """Return what a group offers: what is `own` (name to `module:object`), then what other packages bring.

    Ours stands in the code and not in setup.cfg: it is there whatever is installed. Raises PluginError when
    two have one name.
    """
    table = {name: EntryPoint(name, value, group) for name, value in own.items()}
    for one in sorted(entry_points(group=group), key=lambda one: one.name):
        if (other := table.get(one.name)) is not None and other.value != one.value:
            raise PluginError(
                f"{group}: {one.name!r} is both {other.value} and {one.value}; "
                "remove one of the packages, or rename it"
            )
        table[one.name] = one
    return table


def load(plugin: EntryPoint, kind: type[Kind]) -> Kind:
    """Return the object of this kind that an entry point names. Raises PluginError when there is none."""
    package = f" of {plugin.dist.name}" if plugin.dist is not None else ""
    what = f"{plugin.group}: {plugin.name!r}{package} ({plugin.value})"
    try:
        found = plugin.load()
    except Exception as error:  # code of another package runs here, and may fail in any way
        why = f"{type(error).__name__}: {error}"
        raise PluginError(
            f"{what} cannot be loaded: {why}; install what it needs, or remove the package"
        ) from error
    if isinstance(found, type) or not isinstance(found, kind):
        raise PluginError(
            f"{what} is a {type(found).__name__} and no {kind.__name__}; correct the entry point"
        )
    return found
