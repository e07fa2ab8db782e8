"""The environment of a MacroServer is read, and nothing in it is run."""

import io
import os
import pickle
from collections import OrderedDict
from datetime import datetime, timezone
from pathlib import Path

import pytest

from tangobase.macroserver_environment import plain_environment


class Own:
    """A class that no other process could import."""

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, ("/must-not-be-made",)


def run() -> None:
    raise AssertionError("it was run")


class Hostile:
    def __reduce__(self) -> tuple[object, tuple[()]]:
        return run, ()


def test_an_environment_is_read_without_running_what_is_in_it() -> None:
    variables = {
        "ScanDir": "/data",
        "own": Own(),
        "moment": datetime.now(timezone.utc),
        "ordered": OrderedDict(a=1),
        "path": Path("/data"),
        "names": ["a", ("b", 2.5, None)],
    }
    found = plain_environment(pickle.dumps({"new": variables}))
    assert (found["ScanDir"], found["names"]) == ("/data", ["a", ("b", 2.5, None)])
    assert set(found) == set(variables)
    assert not Path("/must-not-be-made").exists()


@pytest.mark.parametrize("body", [b"", b"no pickle", pickle.dumps([1]), pickle.dumps({"new": 1})])
def test_what_is_no_environment_is_an_error(body: bytes) -> None:
    with pytest.raises((pickle.UnpicklingError, EOFError)):
        plain_environment(body)


def test_what_a_macroserver_sends_is_not_run() -> None:
    snapshot = [("a", "b")]
    body = pickle.dumps({"new": {"PreScanSnapshot": snapshot, "Other": Hostile(), "Bytes": io.BytesIO(b"x")}})
    assert plain_environment(body)["PreScanSnapshot"] == snapshot
