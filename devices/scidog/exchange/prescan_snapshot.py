"""A MacroServer's PreScanSnapshot, Sardana's own list of what is read before a scan, as items."""

import pickle
import socket

import tango
from pydantic import ValidationError

from scidog.errors import EditError
from scifish.contract.configuration import Item
from scifish.settings.lookup import tango_host
from scifish.tango_client.errors import reason
from scifish.threads.deadline import answer_within
from tangobase.macroserver_environment import read_environment

VARIABLE = "PreScanSnapshot"
ANSWERS = 5.0  # seconds


def read_snapshot(macroserver: str) -> list[tuple[str, str]]:
    """Return name and label of each entry, in order. Raises EditError."""
    try:
        variables = answer_within(ANSWERS, lambda: read_environment(macroserver), what=macroserver)
        found = variables.get(VARIABLE) or []
        return [(str(name), str(label or "")) for name, label in found]
    except tango.DevFailed as error:
        text = f"{macroserver}: {reason(error.args)}; name a MacroServer that runs"
        raise EditError(text) from error
    except TimeoutError as error:
        raise EditError(f"{error}; name a MacroServer that runs") from error
    except (pickle.UnpicklingError, ValueError, TypeError, KeyError, AttributeError, EOFError) as error:
        raise EditError(
            f"{macroserver}: its {VARIABLE} is no list of names and labels; see: lssnap"
        ) from error


def items_of(snapshot: list[tuple[str, str]], host: str | None = None) -> tuple[Item, ...]:
    """Return the items; a name of this Tango database stands without it. Raises EditError."""
    own = _own_prefixes(host or tango_host() or "")
    items = []
    for name, label in snapshot:
        prefix = next((one for one in own if name.lower().startswith(one)), "")
        attribute = name[len(prefix) :]
        try:
            items.append(Item(attribute=attribute, name=label or None))
        except ValidationError as error:
            raise EditError(f"{VARIABLE}: {name!r:.80} is no name of an attribute; see: lssnap") from error
    return tuple(items)


def _own_prefixes(host: str) -> tuple[str, ...]:
    """Return how names of the database at `host` may begin."""
    name, _, port = host.partition(":")
    here = {"127.0.0.1", "localhost", socket.gethostname(), socket.getfqdn()}
    names = {name, socket.getfqdn(name)} | (here if name in here else set())
    return tuple(f"tango://{one}:{port}/".lower() for one in names if one)
