"""The category of a proposal, which chooses the directory and whether data may leave the beamline."""

from typing import Any, Literal, get_args

from scifish.message import ProposalReference
from scifish.proprietary import PROPRIETARY, proprietary_reason

PROPRIETARY_CODE = "IN"
PROPRIETARY_TYPE = "P"

PropType = Literal["H", "N", "T", "P", "B", "L", "F", "Z", "G", "Y", "unknown"]
"""What the office DUO calls a proposal: H in-house, N normal, T training, P proprietary, B BAG, L long term,
F fast access, Z commissioning, G guaranteed access, Y at the director's discretion."""


def category_of(code: Any, given: Any = None, prop_type: Any = None, proposal_id: Any = None) -> Any:
    """Return the category: proprietary if anything says so; else what the source gives; else visitors.

    A source that calls a proposal of code IN something else is not believed: proprietary data in the
    catalogue cannot be taken back.
    """
    if _clean(code) == PROPRIETARY_CODE or prop_type == PROPRIETARY_TYPE or has_proprietary_id(proposal_id):
        return PROPRIETARY
    return given or "visitors"


def has_proprietary_id(proposal_id: Any) -> bool:
    """Tell whether a proposal's id itself begins with the code IN."""
    return proprietary_reason([ProposalReference(id=str(proposal_id or ""))], ()) is not None


def type_of(written: Any) -> PropType | None:
    """Return the type as an office writes it; None when it says nothing, `unknown` for what is none."""
    text = _clean(written)
    if text in {PROPRIETARY.upper(), "INDUSTRIAL"}:
        return "P"
    known: dict[str, PropType] = {one.upper(): one for one in get_args(PropType)}
    return known.get(text, "unknown") if text else None


def says_proprietary(*written: Any) -> bool:
    """Tell whether one of an office's own words for a category is `proprietary`."""
    return any(_clean(one) == PROPRIETARY.upper() for one in written)


def _clean(written: Any) -> str:
    return str(written or "").strip().upper()
