"""What SciDog's State and Status say, as a person reads them."""

from collections.abc import Sequence

from scidog.model.revision import some
from scidog.published import Published
from scifish.common.text_forms import counted


def status_text(published: Published, warnings: Sequence[str] = ()) -> str:
    """Return the status: what is recorded first, then each problem and each warning on its own line."""
    lines = [_active(published), *published.problems]
    if published.problems:
        lines.insert(1, "Correct the following:")
    if warnings:
        lines += ["Likely mistakes (all else is recorded all the same):", *warnings]
    return "\n".join(lines)


def _active(published: Published) -> str:
    active = published.recorded
    if active is None:
        return f"No configuration is active: scans are recorded without attributes. {_advice(published)}"
    count = len(active.items)
    recorded = counted(count, "attribute is", "attributes are")
    layers = "".join(
        f", with the {layer} layer {one.name} revision {one.revision}" for layer, one in published.below
    )
    if published.active is None:
        return f"No configuration is active{layers}: {recorded} recorded"
    return f"{active.name} revision {active.revision} is active{layers}: {recorded} recorded"


def _advice(published: Published) -> str:
    if not published.names:
        return "There is none yet: save one, or put a YAML file into the store, and activate it"
    if len(published.names) == 1:
        return f"Activate {published.names[0]}"
    return f"Activate one of: {some(published.names)}"
