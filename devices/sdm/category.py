"""The category of a proposal, which chooses the directory and whether data may leave the beamline."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

from scifish.contract.message import ProposalReference
from scifish.contract.proprietary import PROPRIETARY, proprietary_reason, says_proprietary

PROPRIETARY_TYPE = "P"
UNKNOWN = "unknown"

PropType = Literal["H", "N", "T", "P", "B", "L", "F", "Z", "G", "Y", "unknown"]
"""What the office DUO calls a proposal: H in-house, N normal, T training, P proprietary, B BAG, L long term,
F fast access, Z commissioning, G guaranteed access, Y at the director's discretion."""

_NAMES: dict[str, PropType] = {
    "in-house": "H", "in house": "H", "inhouse": "H", "normal": "N", "training": "T", "bag": "B",
    "long term": "L", "long-term": "L", "fast access": "F", "commissioning": "Z", "gat": "G",
    "guaranteed access": "G", "ddt": "Y",
}  # fmt: skip


def category_of(code: Any, given: Any = None, prop_type: Any = None, proposal_id: Any = None) -> Any:
    """Return the category: proprietary if anything says so; else what the source gives; else visitors.

    None: the office has a type for it that is not understood, so nobody can tell. A source that calls a
    proposal of code IN something else is not believed: data in the catalogue cannot be taken back.
    """
    said = any(says_proprietary(str(one or "")) for one in (code, given))
    if said or prop_type == PROPRIETARY_TYPE or has_proprietary_id(proposal_id):
        return PROPRIETARY
    return given or (None if prop_type == UNKNOWN else "visitors")


def has_proprietary_id(proposal_id: Any) -> bool:
    """Tell whether a proposal's id itself begins with the code IN."""
    return proprietary_reason([ProposalReference(id=str(proposal_id or ""))], ()) is not None


def type_of(written: Any, own: Mapping[str, PropType] | None = None) -> PropType | None:
    """Return the type as an office writes it: an initial, or words; None when it says nothing.

    What is none of them is `unknown`. `own` has the words of the site.
    """
    text = str(written or "").strip()
    site = {name.strip().casefold(): initial for name, initial in (own or {}).items()}
    initials: dict[str, PropType] = {one.casefold(): one for one in get_args(PropType)}
    known = {**_NAMES, **initials, **site}
    if not text or text.casefold() in known:
        return known.get(text.casefold())
    return "P" if says_proprietary(text) else "unknown"


def most_careful(types: list[PropType | None]) -> PropType | None:
    """Return of several types of one proposal the one that lets the least leave the beamline."""
    said = [one for one in types if one is not None]
    careful: tuple[PropType, PropType] = ("P", "unknown")
    return next((one for one in (*careful, *reversed(said)) if one in said), None)
