"""State and Status of the device: a pure function of what is active and what people should know."""

from typing import NamedTuple

from pathfixer.published.context import PublishedContext


class Conditions(NamedTuple):
    """The name of a Tango state and the text beside it."""

    state: str
    text: str


def conditions_of(context: PublishedContext, warnings: tuple[str, ...], broken: str = "") -> Conditions:
    """Return ON with the path, STANDBY without a proposal, ALARM with what is not as it should be.

    `broken` says why nobody can write there now: FAULT.
    """
    if context.proposal is None:
        summary, state = f"No proposal is active at {context.beamline}; write Proposal", "STANDBY"
    else:
        summary = f"Proposal {context.proposal}, visit {context.visit}: writing to {context.sample_path}"
        state = "ON"
    if broken:
        return Conditions("FAULT", "\n".join(dict.fromkeys((broken, *warnings, summary))))
    return Conditions("ALARM" if warnings else state, "\n".join((summary, *dict.fromkeys(warnings))))
