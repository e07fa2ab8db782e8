"""`scicow top` beside a running SciCow: dead letters that are there now, and those since its start."""

from scifish.outbox.outbox import Outbox
from scizoo.facility.processes import wait_until
from support.scicow.ingest import BEAMLINE, message, new_pid
from support.scicow.process import ScicowProcess
from support.scicow.run import PROPOSALS, Site, command, pair


def dead_letters(site: Site, scicow: ScicowProcess) -> list[str]:
    """Return what the page shows of the beamline's dead letters and its quarantine: now/all."""
    done = command(site, "top", "--once", "--url", scicow.url, settings=False)
    assert done.returncode == 0, done
    rows = [line.split() for line in done.stdout.splitlines() if line.split()[:1] == [BEAMLINE]]
    return rows[0][6:8] if rows else []


def test_top_tells_dead_letters_of_now_from_dead_letters_since_the_start(outbox_site: Site) -> None:
    site = outbox_site
    outbox = Outbox(site.outbox)
    outbox.put([message(new_pid(), dataset={"scientificMetadata": {"big": "x" * 2_000_000}})])
    outbox.put(pair(proposal={"id": "20269999"}))
    outbox.close()
    scicow = site.scicow(scicat={"body_limit": 1_000_000})
    with scicow:
        wait_until(lambda: dead_letters(site, scicow) == ["1/1", "2/2"], "they are counted", 30)
        assert "1 dropped" in command(site, "dead", "drop", "--all").stdout
        wait_until(lambda: dead_letters(site, scicow) == ["0/1", "2/2"], "the next round sees it", 30)
        scicow.child.kill()
        scicow.start()
        wait_until(lambda: dead_letters(site, scicow) == ["0/0", "2/0"], "they are found at the start", 30)
        site.office([*PROPOSALS, {**PROPOSALS[0], "id": "20269999"}])
        wait_until(lambda: dead_letters(site, scicow) == ["0/0", "0/0"], "they are released", 30)
