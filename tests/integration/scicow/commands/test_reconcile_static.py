"""`scicow reconcile` and a SciCow with a static name: the broker counts it on when it has ended."""

import pytest

from scizoo.facility.processes import wait_until
from support.scicow.ingest import new_pid
from support.scicow.run import Site, catalogued, command, pair

pytestmark = pytest.mark.kafka


def test_it_refuses_beside_one_that_runs_and_waits_for_one_that_has_ended(site: Site) -> None:
    pid = new_pid()
    site.produce(pair(pid=pid))
    with site.scicow(kafka={"instance": "one"}) as scicow, site.client() as client:
        wait_until(lambda: catalogued(client, [pid]), "it works", 30, child=scicow.child)
        refused = command(site, "reconcile")
        assert refused.returncode == 1
        waiting, error = refused.stderr.splitlines()
        assert waiting == "waiting up to 6 s for one, which may have ended, to leave"
        assert "has 1 member (one that was killed, or has a kafka.instance, counts 6 s longer)" in error
        assert "a SciCow is running; stop it first" in error
        assert scicow.child.running
        scicow.child.stop(grace=20)
        client.delete_dataset(pid)
        mended = command(site, "reconcile")
        assert (mended.returncode, mended.stderr) == (0, f"{waiting}\n")
        assert "1 scan, 1 incomplete, 1 mended" in mended.stdout
        assert catalogued(client, [pid])
