"""SIGTERM while SciCat hangs: SciCow is gone within its grace and a moment, and nothing is lost."""

import time

import pytest

from scizoo.facility.processes import wait_until
from support.scicat.fault_proxy import fault_proxy
from support.scicow.process import starting
from support.scicow.run import Site, catalogued, pair

pytestmark = pytest.mark.kafka


def test_it_leaves_within_its_grace_and_another_goes_on(site: Site) -> None:
    lost = pair()
    with fault_proxy(site.catalogue) as proxy:
        first = site.through(proxy.url).scicow("first", workers={"grace": 1}, scicat={"timeout": 60})
        with starting(first):
            wait_until(first.is_ready, "SciCow is ready", 60, child=first.child)
            proxy.plan = lambda _method, _path, _number: "hang"
            before = len(proxy.seen)
            site.produce(lost)
            wait_until(lambda: len(proxy.seen) > before, "a request hangs", 30, child=first.child)
            begun = time.monotonic()
            first.child.stop(grace=60)
            assert time.monotonic() - begun < 1 + 15  # the grace, what hangs besides, a loaded machine
        assert first.child.returncode == 0
        said = [event["event"] for event in first.events()]
        assert said.count("unfinished work left behind") == 1
    with site.scicow("second") as second, site.client() as client:
        wait_until(lambda: catalogued(client, [lost[0].pid]), "it is there", 60, child=second.child)
