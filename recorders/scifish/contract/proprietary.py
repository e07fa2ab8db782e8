"""Proprietary data never leave the beamline: the one rule that says what is proprietary."""

import re
from collections.abc import Iterable

from scifish.contract.message import ProposalReference

PROPRIETARY = "proprietary"
OTHERS = frozenset({"visitors", "staff"})
_CODE = re.compile(r"^\s*IN(?![A-Za-z])", re.IGNORECASE)
_CODE_ALONE = re.compile(r"\s*IN[\s_.:-]*[0-9]*\s*", re.IGNORECASE)
_WORDS = re.compile(r"(?<![a-z])(?<!non[\s_-])(?<!not\s)(?:proprietary|industr)", re.IGNORECASE)


def proprietary_reason(
    proposals: Iterable[ProposalReference], folders: Iterable[str | None], files: Iterable[str] = ()
) -> str | None:
    """Return why an entry is proprietary; None: nothing says that it is.

    It is when any of its proposals (PathFixer's, the client's) has the category `proprietary` or the code IN,
    or when one of its folders (the client's, PathFixer's) or one of its files lies under `proprietary`.
    """
    for proposal in proposals:
        if proposal.category == PROPRIETARY:
            return f"proposal {proposal.id} has the category proprietary"
        if proposal.id is not None and _CODE.match(proposal.id):
            return f"proposal {proposal.id} has the code IN"
    folder = next((one for one in folders if one is not None and is_proprietary(one)), None)
    if folder is not None:
        return f"the folder {folder} is a proprietary one"
    file = next((one for one in files if is_proprietary(one)), None)
    return None if file is None else f"the file {file} lies in a proprietary folder"


def says_proprietary(text: str) -> bool:
    """Tell whether a text about a proposal (its code, category or type) says that it is proprietary.

    `IN`, alone, with a number or among other codes, and words such as `Proprietary research` and `Industry`.
    """
    codes = re.split(r"[,;/|+]", text)
    return any(_CODE_ALONE.fullmatch(one) for one in codes) or _WORDS.search(text) is not None


def is_proprietary(path: str) -> bool:
    """Tell whether a path is in the folders of proprietary data.

    A sample may have that name: below the `raw` of a visit of another category it means nothing.
    """
    lowered = path.lower()
    if PROPRIETARY not in lowered:
        return False
    parts = lowered.split("/")
    return any(part == PROPRIETARY and not _is_sample(parts[:at]) for at, part in enumerate(parts))


def _is_sample(above: list[str]) -> bool:
    category = next((at for at, part in enumerate(above) if part in OTHERS), None)
    return category is not None and "raw" in above[category:]
