import sqlite3

import pytest

from scicow import errors
from scicow.work.error_policy import decide
from scifish.errors import MessageError, OutboxError, ProprietaryError
from sdm.errors import LoginRefused


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (errors.CatalogueUnavailable("no answer"), "retry"),
        (errors.CatalogueUnavailable("too many", 429, retry_after=7), "retry"),
        (LoginRefused("wrong password", 60), "retry"),
        (errors.AlreadyThere("there", 409), "retry"),
        (errors.ChangedMeanwhile("changed", 412), "retry"),
        (errors.NotThere("gone", 404), "retry"),
        (OSError(28, "No space left on device"), "retry"),
        (sqlite3.OperationalError("database is locked"), "retry"),
        (OutboxError("outbox x: is locked"), "retry"),
        (errors.NotAllowed("forbidden", 403), "person"),
        (errors.ProposalUnknown("who?"), "person"),
        (errors.ProposalNotValid("not here"), "person"),
        (errors.CatalogueRefused("bad field", 400), "dead"),
        (errors.MessageUnfit("too deep"), "dead"),
        (MessageError("no JSON"), "dead"),
        (ProprietaryError("secret"), "refused"),
    ],
)
def test_each_error_has_its_verdict_and_its_reason(error: Exception, kind: str) -> None:
    verdict = decide(error)
    assert verdict.kind == kind
    assert verdict.reason == str(error)


def test_the_time_that_the_catalogue_asks_for_is_passed_on() -> None:
    assert decide(errors.CatalogueUnavailable("busy", 429, retry_after=7)).retry_after == 7
    assert decide(LoginRefused("wrong", 60)).retry_after == 60
    assert decide(errors.CatalogueUnavailable("no answer")).retry_after is None


def test_a_defect_of_ours_keeps_the_message_as_a_dead_letter_and_says_so() -> None:
    verdict = decide(KeyError("oops"))
    assert (verdict.kind, verdict.reason) == ("dead", "defect of SciCow, please report it: KeyError: 'oops'")


def test_every_error_of_scicow_that_ends_an_ingest_is_in_the_table() -> None:
    ends = [
        one
        for one in vars(errors).values()
        if isinstance(one, type)
        and issubclass(one, errors.ScicowError)
        and issubclass(one, errors.CatalogueError | errors.MessageUnfit | errors.ProposalUnknown)
        and one is not errors.CatalogueError
    ]
    assert len(ends) >= 8
    for kind in ends:
        error = kind.__new__(kind)
        Exception.__init__(error, "text")
        assert not decide(error).reason.startswith("defect"), kind


@pytest.mark.parametrize(
    ("error", "common"),
    [
        (errors.CatalogueUnavailable("no answer"), "catalogue"),
        (LoginRefused("wrong password", 60), "log-in"),
        (OSError(28, "No space left on device"), "host"),
        (MemoryError(), "host"),
        (OutboxError("outbox x: is locked"), "host"),
        (sqlite3.OperationalError("database is locked"), "host"),
        (errors.NotAllowed("forbidden", 403), None),
        (errors.ChangedMeanwhile("changed", 412), None),
        (errors.MessageUnfit("too deep"), None),
        (KeyError("oops"), None),
    ],
)
def test_what_all_messages_meet_is_no_reason_to_give_one_up(error: Exception, common: str | None) -> None:
    """Of a trouble that is common nothing is held against the message that met it."""
    assert decide(error).common == common
