"""Who may edit the layers of defaults."""

import socket
import threading

import pytest

from scidog.access import DefaultsAccess
from scidog.errors import AccessError
from tangobase.client import ITSELF, Client

LAYERS = (("facility", ""), ("beamline", "line"))
HERE = socket.gethostname()
VISITOR = Client(host=HERE, process=7, uid=1001, account="visitor")
REMOTE = Client(host="10.0.0.7", process=7)
KNOWN = {HERE: {"10.0.0.1"}, "b303-ctl": {"10.0.0.7", "10.0.1.7"}, "this-alias": {"10.0.0.1"}}


def may(client: Client, *editors: str, name: str = "line") -> bool:
    access = DefaultsAccess(LAYERS, editors, lambda host: frozenset(KNOWN.get(host, ())))  # type: ignore[arg-type]
    try:
        access.check(name, client)
    except AccessError:
        return False
    return True


@pytest.mark.parametrize(
    ("client", "editors", "expected"),
    [
        (VISITOR, (), True),
        (VISITOR, ("1001",), True),
        (VISITOR, ("1000",), False),
        (VISITOR, ("visitor",), False),
        (VISITOR, ("1000", HERE.upper()), True),
        (VISITOR, ("this-alias",), True),
        (VISITOR, ("127.0.0.1",), True),
        (VISITOR, ("b303-ctl",), False),
        (REMOTE, ("1001",), False),
        (REMOTE, ("10.0.0.7",), True),
        (REMOTE, ("b303-ctl",), True),
        (REMOTE, ("unknown", "10.0.1.7"), False),
        (REMOTE, (HERE,), False),
        (Client(process=7), ("b303-ctl",), False),
        (ITSELF, ("1000",), True),
    ],
)
def test_a_layer_is_edited_by_those_alone_who_are_named(
    client: Client, editors: tuple[str, ...], *, expected: bool
) -> None:
    assert may(client, *editors) is expected


def test_what_is_no_layer_is_edited_by_everybody() -> None:
    assert may(REMOTE, "1000", name="night")


def test_a_refusal_says_who_asked_and_who_may() -> None:
    with pytest.raises(AccessError) as caught:
        DefaultsAccess((("beamline", "line"),), ("1000", "b303-ctl"), lambda host: frozenset()).check(
            "line", VISITOR
        )
    assert str(caught.value) == (
        f"line is the beamline layer of defaults, and visitor, process 7 on {HERE} may not edit it; SciDog's "
        "property DefaultsEditors names who may (uids of this host, hosts): 1000, b303-ctl"
    )


def test_a_name_service_that_hangs_lets_nobody_in_and_does_not_hang_the_request() -> None:
    over = threading.Event()

    def hang(host: str) -> frozenset[str]:
        over.wait(30)
        return frozenset({"10.0.0.7"})

    try:
        access = DefaultsAccess((("beamline", "line"),), ("b303-ctl",), hang)
        with pytest.raises(AccessError):
            access.check("line", REMOTE)
        DefaultsAccess((("beamline", "line"),), ("10.0.0.7",), hang).check("line", REMOTE)
    finally:
        over.set()
