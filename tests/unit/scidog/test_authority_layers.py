"""Layers of defaults, and requests that run side by side."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scidog.errors import ConfigurationInUseError
from scidog.stores.store import Head
from support.scidog.store import Dog, configuration


def test_layers_of_defaults_are_recorded_whatever_is_active(tmp_path: Path) -> None:
    dog = Dog(tmp_path, facility="house", beamline="line")
    assert dog.authority.published.to_record.document == ""
    ring, gap, mono = ({"attribute": f"a/b/c/{name}"} for name in ("ring", "gap", "mono"))
    dog.save(configuration("house", items=[ring], dataset={"instrument": "none", "keywords": ["house"]}))
    dog.save(configuration("line", items=[gap, {**ring, "name": "own"}], dataset={"instrument": "B303A"}))
    recorded = dog.authority.published.recorded
    assert recorded is not None
    assert (recorded.name, len(recorded.items), dog.active) == ("line", 2, "")
    dog.save(configuration("night", budget=2, items=[mono, {**gap, "unit": "um"}]))
    dog.authority.activate("night")
    document = json.loads(dog.authority.published.to_record.document)
    assert (document["name"], document["revision"], document["budget"]) == ("night", 1, 2)
    assert [(one["attribute"], one["unit"], one["source"]["layer"]) for one in document["items"]] == [
        ("a/b/c/ring", None, "facility"),
        ("a/b/c/gap", None, "beamline"),
        ("a/b/c/mono", None, "active"),
    ]
    assert document["items"][1]["source"] == {"layer": "beamline", "configuration": "line", "revision": 1}
    assert (document["dataset"]["instrument"], document["dataset"]["keywords"]) == ("B303A", ["house"])
    assert dog.authority.published.to_record.notes == (
        "line revision 1, item 2: a/b/c/ring is recorded as facility: house@1 says; remove it here",
        "night revision 1, item 2: a/b/c/gap is recorded as beamline: line@1 says; remove it here",
    )
    with pytest.raises(ConfigurationInUseError, match="line is the beamline layer of defaults"):
        dog.authority.delete("line")
    dog.save(configuration("house", revision=1, items=[]))
    dog.authority.activate("")
    assert len(json.loads(dog.authority.published.to_record.document)["items"]) == 2


def test_layers_that_cannot_be_read_stay_as_they_were_also_after_a_restart(tmp_path: Path) -> None:
    dog = Dog(tmp_path, beamline="line")
    assert (
        "the beamline layer of defaults: no configuration is named 'line'"
        in dog.authority.published.problems[0]
    )
    dog.save(configuration("line", items=[{"attribute": "a/b/c/d"}]))
    dog.save(configuration("night"))
    dog.authority.activate("night")
    assert not dog.authority.published.problems
    (dog.folder / "revisions/line/1.yaml").write_text("{half")
    published = dog.again().published
    assert published.problems[0].endswith("; it stays as it was")
    assert len(json.loads(dog.authority.published.to_record.document)["items"]) == 1


def test_one_request_does_not_wait_for_the_store_of_another(dog: Dog) -> None:
    """A store that hangs holds up who asked it, and nobody else."""
    dog.save(configuration("one"))
    dog.save(configuration("two"))
    reached, go_on = threading.Event(), threading.Event()
    heads = dog.authority.library.store.heads

    def hang() -> dict[str, Head]:
        if threading.current_thread() is not threading.main_thread():
            reached.set()
            assert go_on.wait(20)
        return heads()

    dog.authority.library.store.heads = hang  # type: ignore[method-assign]
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(dog.authority.look)
        assert reached.wait(20)
        dog.authority.activate("two")
        assert dog.active == "two@1"
        assert dog.save(configuration("three")) == 1
        go_on.set()
        slow.result(20)
    assert dog.authority.published.names == ("one", "three", "two")
    assert dog.active == "two@1"
