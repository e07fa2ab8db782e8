"""DUO's answers, made of proposals: what the simulator serves under `/duo/api.php/v1`."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Any

from sdm.offices.duo_records import TIME_FORMAT
from sdm.proposal import Person, Proposal, Visit

FACILITY = "SIM"


def answer(path: str, query: dict[str, str], proposals: Iterable[Proposal], zone: tzinfo) -> Any:
    """Return DUO's answer to GET `path`, None where DUO has nothing."""
    match path.strip("/").split("/"):
        case ["CalendarInfos", "facilities"]:
            return [{"id": 1, "name": FACILITY, "description": "Simulated facility"}]
        case ["CalendarInfos", "proposals", facility] if facility == FACILITY:
            return _rows(proposals, zone, year=int(query["year"]) if "year" in query else None)
        case ["CalendarInfos", "scheduled", facility] if facility == FACILITY:
            return _rows(proposals, zone, beamline=query.get("beamline", "").lower())
        case ["CalendarInfos", "pgroup", name]:
            return _group(name, proposals, zone)
        case ["PGroupAttributes", "listProposalAssignments"]:
            return []
    return None


def _rows(
    proposals: Iterable[Proposal], zone: tzinfo, year: int | None = None, beamline: str = ""
) -> list[dict[str, Any]]:
    return [
        _row(proposal, place, visits, zone)
        for proposal in proposals
        for place in proposal.beamlines
        if not beamline or place == beamline
        for visits in [[one for one in proposal.visits if one.beamline == place and _in(one, year, zone)]]
        if visits or (not proposal.visits and year in {None, int(proposal.id[:4])})
    ]


def _in(visit: Visit, year: int | None, zone: tzinfo) -> bool:
    return year is None or visit.begin.astimezone(zone).year <= year <= visit.end.astimezone(zone).year


def _row(proposal: Proposal, beamline: str, visits: list[Visit], zone: tzinfo) -> dict[str, Any]:
    members = [one for one in proposal.members if one != proposal.pi] or [proposal.pi or Person()]
    first = proposal.proposer or members[0]
    return {
        "proposal": proposal.id,
        "title": proposal.title,
        "abstract": proposal.abstract,
        "code": proposal.code,
        "prop_type": proposal.prop_type,
        **first.model_dump(),
        **{f"pi_{name}": value for name, value in (proposal.pi or Person()).model_dump().items()},
        "eaccount": None,
        "pgroup": proposal.group,
        "beamline": beamline.upper(),
        "schedule": [{"start": _time(one.begin, zone), "end": _time(one.end, zone)} for one in visits],
    }


def _group(name: str, proposals: Iterable[Proposal], zone: tzinfo) -> dict[str, Any] | None:
    having = [proposal for proposal in proposals if proposal.group == name]
    if not having:
        return None
    owner = having[0].pi or Person()
    described = {
        "xname": name,
        "comments": having[0].title,
        "owner": {
            "firstname": owner.firstname,
            "lastname": owner.lastname,
            "email": owner.email,
            "adaccount": {"username": owner.account},
        },
    }
    return {"group": described, "proposals": _rows(having, zone)}


def _time(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).strftime(TIME_FORMAT)
