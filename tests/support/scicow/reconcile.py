"""`scicow reconcile` in a test: what it gives is ingested at once, as a running SciCow would."""

import contextlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from scicow.cli.reconcile import Reconciler, Report
from scicow.errors import ScicowError
from scicow.ingest.ingest import Ingestor
from scicow.ingest.proposal_check import Validator
from scicow.scicat.client import ScicatClient
from scicow.settings.catalogue import IngestSettings
from scifish.contract.message import Message
from scifish.errors import ProprietaryError
from support.scicow.ingest import PROPOSAL, Desk, office


def reconciler(scicat: ScicatClient, folder: Path, desk: Desk | None = None, **changes: bool) -> Reconciler:
    """Return one that waits for nothing that is not there at once."""
    settings = IngestSettings.model_validate({"office_memory": 0, **changes})
    validator = Validator(office(desk or Desk(PROPOSAL), folder), settings)
    return Reconciler(scicat, settings, validator.check, patience=0)


def mended(one: Reconciler, messages: Sequence[Message], cow: Ingestor) -> tuple[Report, list[Message]]:
    """Compare and mend; return the report, and what was given to SciCow."""
    given: list[Message] = []

    def give(message: Message) -> None:
        given.append(message)
        cow.forget(message.pid)
        with contextlib.suppress(ScicowError, ProprietaryError):
            cow.ingest(message)

    report = one.compare(messages)
    one.mend(report, ((message, partial(give, message)) for message in messages))
    return report, given
