"""Makes the context of a scan from the answers of PathFixer and SciDog. Nothing here calls Tango."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from scifish.common.text_forms import sentence
from scifish.contract.configuration import Configuration, read_published
from scifish.contract.message import ConfigurationReference, ProposalReference
from scifish.ports import ScanContext

NO_PROPOSAL = "no proposal is set in PathFixer"
NO_CONFIGURATION = "no configuration is active in SciDog"


@dataclass(frozen=True)
class ContextAnswer:
    """The last text of a device and when it came; `reason` says why it could not be confirmed.

    `awaited`: it has said nothing yet, and its answer may still come; `silent`: nobody waits for it.
    """

    text: str | None
    at: datetime | None
    reason: str | None
    awaited: bool = False
    silent: bool = False


def as_context(pathfixer: ContextAnswer, scidog: ContextAnswer) -> ScanContext:
    """Join the two answers; what is unknown is None, and the problems give the reason."""
    path, path_problem = _path(pathfixer)
    configuration, dog_problem = _configuration(scidog)
    problems = tuple(one for one in dict.fromkeys((path_problem, dog_problem)) if one)
    return ScanContext(
        beamline=_text(path, "beamline"),
        proposal=_proposal(path, path_problem),
        source_folder=_text(path, "samplePath"),
        visit_folder=_visit_folder(path),
        sample=_text(path, "sample"),
        configuration=configuration,
        configuration_reference=_reference(configuration, dog_problem),
        problems=problems,
        awaited=pathfixer.awaited,
        silent=pathfixer.silent,
    )


def _path(told: ContextAnswer) -> tuple[dict[str, Any], str | None]:
    if told.text is None:
        return {}, told.reason
    try:
        path = json.loads(told.text)
    except ValueError:
        return {}, f"PathFixer: its Context is no JSON ({told.text[:40]!r}); look at the device"
    if not isinstance(path, dict):
        return {}, f"PathFixer: its Context is no JSON object ({told.text[:40]!r}); look at the device"
    return path, _unconfirmed(told)


def _configuration(told: ContextAnswer) -> tuple[Configuration | None, str | None]:
    if told.text is None:
        return None, told.reason
    if not told.text:
        unconfirmed = _unconfirmed(told)
        return None, f"{unconfirmed}: {NO_CONFIGURATION}" if unconfirmed else NO_CONFIGURATION
    try:
        return _parsed(told.text), _unconfirmed(told)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "document"
        return (
            None,
            f"SciDog: its Document is no configuration ({where}: {sentence(first)}); look at the device",
        )


@lru_cache(maxsize=4)
def _parsed(text: str) -> Configuration:
    return read_published(text)


def _unconfirmed(told: ContextAnswer) -> str | None:
    if told.reason is None or told.at is None:
        return None
    return f"{told.reason}; what it said at {told.at.astimezone():%Y-%m-%d %H:%M:%S} is used"


def _proposal(path: dict[str, Any], problem: str | None) -> ProposalReference:
    known = {"id": _text(path, "proposal"), "visit": _text(path, "visit"), "category": path.get("category")}
    reason = problem or (None if known["id"] else NO_PROPOSAL)
    try:
        return ProposalReference.model_validate({**known, "reason": reason})
    except ValidationError:
        said = f"PathFixer: category {known['category']!r} is unknown"
        return ProposalReference.model_validate({**known, "category": None, "reason": said})


def _reference(configuration: Configuration | None, problem: str | None) -> ConfigurationReference:
    if configuration is None:
        return ConfigurationReference(reason=problem)
    return ConfigurationReference(name=configuration.name, revision=configuration.revision, reason=problem)


def _visit_folder(path: dict[str, Any]) -> str | None:
    """Return the visit's folder, which `raw` lies in."""
    raw = _text(path, "path")
    return (raw.rstrip("/").removesuffix("/raw") or None) if raw else None


def _text(path: dict[str, Any], name: str) -> str | None:
    entry = path.get(name)
    return str(entry) if entry not in (None, "") else None
