"""Proprietary data never leave the beamline: the one rule that says what is proprietary."""

import re

from scifish.message import ProposalReference

_CODE = re.compile(r"^\s*IN(?![A-Za-z])", re.IGNORECASE)


def proprietary_reason(proposals: tuple[ProposalReference, ...], source_folder: str | None) -> str | None:
    """Return why an entry is proprietary; None: nothing says that it is.

    It is when any of its proposals (PathFixer's, the client's) has the category `proprietary` or the code IN,
    or when its folder lies under `proprietary`.
    """
    for proposal in proposals:
        if proposal.category == "proprietary":
            return f"proposal {proposal.id} has the category proprietary"
        if proposal.id is not None and _CODE.match(proposal.id):
            return f"proposal {proposal.id} has the code IN"
    if source_folder is not None and "proprietary" in source_folder.split("/raw")[0].split("/"):
        return f"the folder {source_folder} is a proprietary one"
    return None
