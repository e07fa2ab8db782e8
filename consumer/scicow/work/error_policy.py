"""What is done about an error: the one place where SciCow decides whether trying again can help."""

import sqlite3

from scicow.errors import (
    AlreadyThere,
    CatalogueRefused,
    CatalogueUnavailable,
    ChangedMeanwhile,
    MessageUnfit,
    NotAllowed,
    NotThere,
    ProposalNotValid,
    ProposalUnknown,
)
from scicow.work.outcome import Kind, Verdict
from scifish.errors import MessageError, OutboxError, ProprietaryError
from sdm.errors import LoginRefused, OfficeGarbled

# The first row whose class fits decides. Why:
# - refused: data that must not leave the beamline are not copied to any topic either.
# - retry: nothing is wrong with the message. LoginRefused too: a person mends the account, not the message.
#   AlreadyThere, ChangedMeanwhile and NotThere come out of the ingest only when somebody else worked on the
#   same dataset at the same time, again and again: the next attempt reads it afresh. OSError, MemoryError,
#   OutboxError and sqlite3.Error are this host's own trouble (disk full, out of memory, a locked cache).
# - person: the message is good; the user office or SciCat's rights have to change first.
# - dead: the bytes themselves can never become a dataset.
_TABLE: tuple[tuple[type[BaseException], Kind], ...] = (
    (ProprietaryError, "refused"),
    (CatalogueUnavailable, "retry"),
    (OfficeGarbled, "retry"),
    (LoginRefused, "retry"),
    (AlreadyThere, "retry"),
    (ChangedMeanwhile, "retry"),
    (NotThere, "retry"),
    (NotAllowed, "person"),
    (ProposalUnknown, "person"),
    (ProposalNotValid, "person"),
    (CatalogueRefused, "dead"),
    (MessageUnfit, "dead"),
    (MessageError, "dead"),
    (OutboxError, "retry"),
    (OSError, "retry"),
    (MemoryError, "retry"),
    (sqlite3.Error, "retry"),
)
# What all messages meet, whatever is in them, and where.
_COMMON: tuple[tuple[type[BaseException], str], ...] = (
    (CatalogueUnavailable, "catalogue"),
    (OfficeGarbled, "catalogue"),
    (LoginRefused, "log-in"),
    (OSError, "host"),
    (MemoryError, "host"),
    (OutboxError, "host"),
    (sqlite3.Error, "host"),
)
COMMON = {where for _, where in _COMMON}


def decide(error: BaseException) -> Verdict:
    """Return what becomes of the message whose ingest raised `error`.

    An error that is not in the table is a defect of SciCow that this message has found. Each attempt would
    find it again and hold up the beamline, so the message becomes a dead letter: kept whole, to be replayed.
    """
    for kind, verdict in _TABLE:
        if isinstance(error, kind):
            common = next((where for one, where in _COMMON if isinstance(error, one)), None)
            return Verdict(verdict, str(error), getattr(error, "retry_after", None), common)
    return Verdict("dead", f"defect of SciCow, please report it: {type(error).__name__}: {error}")
