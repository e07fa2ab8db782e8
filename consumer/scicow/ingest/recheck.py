"""Later checks: datasets that were ingested while the user office was down, and files that may be doubled."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic_core import to_json

from scicow.dataset.desired import BOOKKEEPING, METADATA
from scicow.dataset.merge import GIVEN, PEOPLES
from scicow.errors import CatalogueError, ProposalNotValid, ProposalUnknown
from scicow.ingest.files import DatasetFiles
from scicow.ingest.mapping import UNVERIFIED, office_fields, proposal_group, with_group
from scicow.ingest.proposal_check import Claim, Standing, Validator
from scicow.scicat.client import ScicatClient
from scicow.settings.catalogue import IngestSettings
from scifish.contract.message import ProposalReference
from scifish.errors import ProprietaryError

logger = logging.getLogger(__name__)

REFUSED = "proposal refused"  # in validationStatus: a person must look at it


@dataclass(frozen=True)
class Verified:
    """What a pass has done: datasets now verified, still to be, refused by the office, rechecked files."""

    verified: int = 0
    waiting: int = 0
    refused: tuple[str, ...] = ()
    rechecked: int = 0


class Verifier:
    """Goes over the marked datasets. One pass at a time; others may ingest meanwhile."""

    def __init__(
        self, scicat: ScicatClient, validator: Validator, settings: IngestSettings, parts: DatasetFiles
    ) -> None:
        self._scicat = scicat
        self._validator = validator
        self._settings = settings
        self._parts = parts

    def verify(self) -> Verified:
        """Check again what is marked, as far as the user office answers. Raises CatalogueError."""
        verified, waiting, refused = 0, 0, []
        for dataset in self._marked():
            claim = _claim(dataset)
            if claim is None:
                waiting += 1
                continue
            try:
                standing = self._validator.standing(claim)
            except (ProposalUnknown, ProposalNotValid, ProprietaryError) as error:
                refused.append(self._refuse(dataset, error))
                continue
            if not standing.verified:
                waiting += 1
            elif self._patched(dataset, self._office_patch(dataset, standing)):
                verified += 1
            else:
                waiting += 1
        return Verified(verified, waiting, tuple(refused), self._parts.recheck())

    def _marked(self) -> Iterator[Mapping[str, Any]]:
        """Iterate over the marked datasets that SciCow made; others may use that field of SciCat's too."""
        for dataset in self._scicat.find_datasets({"validationStatus": UNVERIFIED}):
            if isinstance((dataset.get(METADATA) or {}).get(BOOKKEEPING), dict):
                yield dataset

    def _office_patch(self, dataset: Mapping[str, Any], standing: Standing) -> dict[str, Any]:
        book = dataset[METADATA][BOOKKEEPING]
        places = with_group(_places(dataset), standing.proposal, self._settings)
        fields = office_fields(standing, places, self._settings)
        given = book.get(GIVEN) or {}
        # What a person changed in the meantime is no longer what SciCow gave, and stays.
        changed = {
            name: value
            for name, value in fields.items()
            if value is not None
            and dataset.get(name) != value
            and (name not in PEOPLES or dataset.get(name) == given.get(name))
        }
        marks = [mark for mark in book.get("marks") or [] if not mark.startswith(UNVERIFIED)]
        own = {
            "marks": [*marks, *standing.marks],
            GIVEN: {one: fields[one] for one in PEOPLES if one in fields},
        }
        return {
            **changed,
            METADATA: {**proposal_group(standing.proposal, self._settings), BOOKKEEPING: own},
        }

    def _refuse(self, dataset: Mapping[str, Any], error: Exception) -> str:
        """Mark a dataset that should not have come in; a proprietary one is hidden from its readers too."""
        book = dataset[METADATA][BOOKKEEPING]
        marks = [mark for mark in book.get("marks") or [] if not mark.startswith(UNVERIFIED)]
        patch: dict[str, Any] = {
            "validationStatus": REFUSED,
            METADATA: {BOOKKEEPING: {"marks": [*marks, str(error)]}},
        }
        if isinstance(error, ProprietaryError):
            patch |= {"ownerGroup": self._settings.fallback_group, "accessGroups": []}
        self._patched(dataset, patch)
        logger.error("dataset %s: %s; decide what becomes of it", dataset["pid"], error)
        return f"{dataset['pid']}: {error}"

    def _patched(self, dataset: Mapping[str, Any], patch: Mapping[str, Any]) -> bool:
        """Write unless somebody changed the dataset since it was listed: then the next pass sees it again."""
        pid = str(dataset["pid"])
        try:
            if not self._scicat.refuses_outdated(pid) and self._changed(dataset):
                return False
            self._scicat.patch_dataset(pid, patch, dataset.get("updatedAt"), len(to_json(dataset)))
        except CatalogueError as error:
            logger.warning("dataset %s: not verified yet: %s", dataset["pid"], error)
            return False
        return True

    def _changed(self, dataset: Mapping[str, Any]) -> bool:
        """Tell whether a dataset was changed, or has gone, since it was listed."""
        now = self._scicat.dataset(str(dataset["pid"]))
        return now is None or now.get("updatedAt") != dataset.get("updatedAt")


def _places(dataset: Mapping[str, Any]) -> dict[str, str]:
    book = dataset[METADATA][BOOKKEEPING]
    return {
        "beamline": str(book.get("beamline") or ""),
        "proposal": str((dataset.get("proposalIds") or [""])[0] or ""),
        "category": str(book.get("category") or ""),
        "visit": str(book.get("beamtime") or ""),
    }


def _claim(dataset: Mapping[str, Any]) -> Claim | None:
    """Return what is to be checked; a dataset that a person has damaged keeps no other waiting."""
    try:
        places, started = _places(dataset), dataset.get("startTime") or dataset["creationTime"]
        named = {"id": places["proposal"], "visit": places["visit"], "category": places["category"]}
        proposal = ProposalReference.model_validate({one: text or None for one, text in named.items()})
        begun = datetime.fromisoformat(str(started).replace("Z", "+00:00"))
        return Claim(proposal=proposal, beamline=places["beamline"], started=begun)
    except (ValueError, TypeError, KeyError) as error:
        reason = " ".join(str(error).split())
        logger.warning("dataset %s: cannot be verified (%s); mend its group scizoo", dataset["pid"], reason)
        return None
