"""Several SciCows at one outbox: whichever delivers is killed, again and again, and the next one goes on."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from scicow.dead_letters.sqlite import SqliteDeadLetters, StateFile
from scicow.settings.model import load
from scicow.sources.outbox import OutboxSourceSettings
from scifish.outbox.outbox import Outbox
from scizoo.facility.processes import wait_until
from support.scicow.ingest import new_pid
from support.scicow.process import ScicowProcess
from support.scicow.run import Site, catalogued, pair

TAKEOVERS = 6
WAITS = 20  # each so manyth scan has a proposal that the office does not know


@contextmanager
def flow(site: Site) -> Iterator[list[str]]:
    """Put scans into the outbox, a hundred a second at most, until the end; give the pids that there are."""
    pids: list[str] = []
    stopping = threading.Event()

    def put() -> None:
        outbox = Outbox(site.outbox)
        while not stopping.wait(0.01):
            pid, proposal = new_pid(), "20260001" if len(pids) % WAITS else "20269999"
            outbox.put(pair(pid=pid, proposal={"id": proposal}))
            pids.append(pid)
        outbox.close()

    writer = threading.Thread(target=put)
    writer.start()
    try:
        yield pids
    finally:
        stopping.set()
        writer.join(30)


def deliverer(crew: list[ScicowProcess]) -> list[ScicowProcess]:
    """Return the one that has brought some messages in since its start."""
    living = [one for one in crew if one.child.running]
    return [one for one in living if one.metric("scicow_messages_total") > 20]


def waits(scicow: ScicowProcess) -> bool:
    return "another process delivers" in scicow.get("/ready")[1]


def quarantined(settings: OutboxSourceSettings) -> list[str]:
    state = StateFile(settings.state_file)
    try:
        return [
            dead_letter.key.decode()
            for dead_letter in SqliteDeadLetters(state, "quarantine").dead_letters()
            if dead_letter.key
        ]
    finally:
        state.close()


def test_the_outbox_passes_from_one_killed_scicow_to_the_next_and_nothing_is_lost_or_doubled(
    outbox_site: Site,
) -> None:
    site = outbox_site
    crew = [site.scicow(name) for name in ("first", "second", "third")]
    killed: list[ScicowProcess] = []
    with ExitStack() as all_of_them, site.client() as client:
        for one in crew:
            all_of_them.callback(one.child.stop, grace=20)
            one.start(ready=one is crew[0])
        for one in crew[1:]:
            wait_until(partial(waits, one), "it waits", 30, child=one.child)
        with flow(site) as pids:
            while len(killed) < TAKEOVERS:
                [working] = wait_until(lambda: deliverer(crew), "one delivers", 60)
                assert working not in killed[-1:]
                working.child.kill()
                killed.append(working)
                if len(killed) > 1:
                    killed[-2].start(ready=False)  # it waits, and has its turn later
        waiting, good = pids[::WAITS], [pid for at, pid in enumerate(pids) if at % WAITS]
        outbox = Outbox(site.outbox)
        wait_until(lambda: outbox.level().waiting == 0, "all is delivered", 120)
        outbox.close()
        assert catalogued(client, good)
        doubled = [pid for pid in good if len(list(client.datablocks(pid))) != 1]
        assert doubled == []
        assert [pid for pid in waiting if client.dataset(pid) is not None] == []
    settings = load(site.folder / "first.yaml", {}).outbox
    assert settings is not None
    assert sorted(quarantined(settings)) == sorted([*waiting, *waiting])  # start and end of each
    assert len({one.child.name for one in killed}) == len(crew)
