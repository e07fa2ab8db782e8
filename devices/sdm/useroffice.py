"""The user office as clients call it: `SDM(production=True).uo.get_proposal(number)`; answers are dicts.

Who decides by `prop_type` whether data are proprietary gets P for all that is, whatever the office calls
it, and an exception while the office cannot be asked. Who takes that for a "no" meets `Storage.create_path`,
which refuses the folder.
"""

import logging
from typing import Any

from scifish.common.clock import iso
from sdm.category import PROPRIETARY_TYPE, UNKNOWN, has_proprietary_id
from sdm.errors import OfficeUnavailable
from sdm.folders import undecided
from sdm.names import check_beamline, proposal_name
from sdm.offices.cached import CachedProposals
from sdm.offices.open import open_proposals
from sdm.proposal import Person, Proposal
from sdm.settings import NO_OFFICE, SdmSettings, find_settings

logger = logging.getLogger(__name__)
Answer = dict[str, Any]


class UserOffice:
    """The proposals of the settings. Without `settings`: the file named by SDM_CONFIG, else the host's."""

    def __init__(self, settings: SdmSettings | None = None) -> None:
        settings = settings or find_settings()
        self._root = settings.storage.root
        self._proposals = open_proposals(settings.proposals) if settings.proposals else None

    def get_proposal(self, proposal: str | int) -> Answer:
        """Return what the office knows of a proposal; `prop_type` is `unknown` for one that it does not know,
        but P where its id begins with the proprietary code.

        Raises NameRefused, and OfficeUnavailable while the office cannot be asked and nothing is kept.
        """
        name = proposal_name(proposal)
        if self._proposals is None:
            undecided.remember(self._root, name)
        return self._known(name)

    def get_proposal_info(self, proposal: str | int) -> Answer:
        """Return the same; `beamline_assigned` has the beamlines, with commas."""
        return self.get_proposal(proposal)

    def get_proposal_proposer(self, proposal: str | int) -> Answer:
        """Return the main proposer: `firstname`, `lastname`, `username`, `email`; empty where not known."""
        proposer: Answer = self._known(proposal_name(proposal))["proposer"]
        return proposer

    def get_beamline_proposals(self, beamline: str) -> list[int | str]:
        """Return the ids of a beamline's proposals, as numbers where they are. Raises OfficeUnavailable."""
        ids = self._office().ids_at(check_beamline(beamline))
        return [int(one) if one.isdecimal() else one for one in ids]

    def _known(self, proposal: str) -> Answer:
        found = self._office().lookup(proposal)
        if found.stale:
            logger.warning("proposal %s: %s", proposal, found.note)
        return _answer(found.proposal) if found.proposal else _unknown(proposal)

    def _office(self) -> CachedProposals:
        if self._proposals is None:
            raise OfficeUnavailable(NO_OFFICE)
        return self._proposals


class SDM:
    """`SDM(production=True).uo`: there is one office, that of the settings, so `production` says nothing."""

    def __init__(self, production: bool = True, settings: SdmSettings | None = None) -> None:
        del production
        self.uo = UserOffice(settings)


def prop_type(proposal: Proposal) -> str:
    """Return P for all that is proprietary, else the office's own type, else H for staff, N for visitors."""
    if proposal.proprietary:
        return PROPRIETARY_TYPE
    return proposal.prop_type or ("H" if proposal.category == "staff" else "N")


def _answer(proposal: Proposal) -> Answer:
    beamlines = dict.fromkeys((*proposal.beamlines, *(visit.beamline for visit in proposal.visits)))
    return {
        "proposal": proposal.id,
        "title": proposal.title,
        "abstract": proposal.abstract,
        "prop_type": prop_type(proposal),
        "category": proposal.category,
        "code": proposal.code,
        "group": proposal.group,
        "beamline_assigned": ", ".join(beamlines) or UNKNOWN,
        "proposer": _person(proposal.main_proposer or Person()),
        "schedule": [
            {"beamline": one.beamline, "start": iso(one.begin), "end": iso(one.end)}
            for one in proposal.visits
        ],
    }


def _unknown(proposal: str) -> Answer:
    return {
        "proposal": proposal,
        "prop_type": PROPRIETARY_TYPE if has_proprietary_id(proposal) else UNKNOWN,
        "beamline_assigned": UNKNOWN,
        "proposer": _person(Person()),
    }


def _person(person: Person) -> Answer:
    return {
        "firstname": person.firstname,
        "lastname": person.lastname,
        "username": person.account,
        "email": person.email,
    }
