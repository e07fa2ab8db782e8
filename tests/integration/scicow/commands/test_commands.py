"""The operator's commands against real parts: check, top, receipt, replay, reconcile."""

import subprocess
from typing import Any

import pytest

from scifish.outbox.outbox import Outbox
from scizoo.facility.processes import free_port, wait_until
from support.scicow.ingest import new_pid, scan
from support.scicow.process import ScicowProcess
from support.scicow.run import Site, catalogued, command, pair

pytestmark = pytest.mark.kafka


def lines(done: "subprocess.CompletedProcess[str]") -> list[str]:
    assert done.stderr == ""
    return done.stdout.splitlines()


def worked(scicow: ScicowProcess, count: int) -> bool:
    return scicow.metric("scicow_messages_total") == count


def test_check_tells_that_all_is_well(site: Site) -> None:
    site.produce(pair())
    site.write()
    done = command(site, "check")
    assert done.returncode == 0, done
    assert [line.split()[0:2] for line in lines(done)] == [
        ["ok", "settings:"],
        ["ok", "kafka:"],
        ["ok", "scicat:"],
        ["ok", "rights:"],
        ["ok", "links:"],
        *[["ok", "trait"]] * 5,
        ["ok", "office:"],
    ]
    assert site.topic() in done.stdout


def test_check_names_each_thing_that_fails(site: Site) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    site.write(
        kafka={"bootstrap": nowhere},
        scicat={"url": f"http://{nowhere}"},
        proposals={"file": {"path": "nothing.yaml"}},
    )
    done = command(site, "check")
    assert done.returncode == 1
    assert [line.split()[0:2] for line in lines(done)][1:] == [
        ["FAIL", "kafka:"],
        ["FAIL", "scicat:"],
        ["FAIL", "rights:"],
        ["FAIL", "links:"],
        ["FAIL", "traits:"],
        ["FAIL", "office:"],
    ]
    assert f"scicat: http://{nowhere}: SciCat POST " in done.stdout
    assert "; start SciCat or see its log, or correct scicat.url" in done.stdout
    assert "nothing.yaml" in done.stdout
    assert command(site, "check", "--settings-only").returncode == 0


def test_check_names_a_missing_right(site: Site) -> None:
    site.write(scicat={"username": "privileged"})
    done = command(site, "check")
    assert done.returncode == 1
    [rights] = [line for line in lines(done) if "rights:" in line]
    assert rights.startswith("FAIL")
    assert "ADMIN_GROUPS" in rights


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"workers": {"concurency": 3}}, "did you mean 'concurrency'?"),
        ({"kafka": {"bootstrap": ""}}, "kafka.bootstrap"),
    ],
)
def test_wrong_settings_are_one_line_and_exit_code_2(site: Site, changes: dict[str, Any], said: str) -> None:
    site.write(**changes)
    done = command(site, "run")
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert line.startswith("scicow: ")
    assert said in line


def test_reconcile_finds_what_is_missing_and_mends_it(site: Site) -> None:
    pids = [new_pid() for _ in range(5)]
    site.produce(message for pid in pids for message in scan(pid))
    with site.client() as client, site.scicow() as scicow:
        wait_until(lambda: catalogued(client, pids, 2), "all are there", 30, child=scicow.child)
        assert "5 scans, 0 incomplete" in command(site, "reconcile").stdout
        client.delete_dataset(pids[2])
        for block in client.datablocks(pids[4]):
            client.session.request("DELETE", f"/api/v3/origdatablocks/{block['_id']}")
        reported = command(site, "reconcile", "--report")
        assert reported.returncode == 1
        assert f"{pids[2]}: is not in the catalogue" in reported.stdout
        assert client.dataset(pids[2]) is None
        mended = command(site, "reconcile")
        assert mended.returncode == 0, mended
        assert "2 incomplete, 2 mended" in mended.stdout
        assert catalogued(client, pids, 2)
        assert "5 scans, 0 incomplete" in command(site, "reconcile").stdout


def test_reconcile_without_a_scicow_leaves_the_messages_for_the_next_one(site: Site) -> None:
    """Each run gives each message once, however often it lies in the topic by now."""
    pids = [new_pid(), new_pid()]
    site.produce(message for pid in pids for message in pair(pid=pid))
    site.write()
    for _ in range(2):
        done = command(site, "reconcile", "--wait", "0")
        assert done.returncode == 1
        left = f"is not in the catalogue (see `scicow receipt {pids[0]}`, or is no SciCow running?)"
        assert f"{pids[0]}: not mended: {left}" in done.stdout
        assert "2 scans, 2 incomplete, 0 mended" in done.stdout
    with site.scicow() as scicow, site.client() as client:
        wait_until(lambda: site.committed() == 12, "4 messages, and twice once more", 30, child=scicow.child)
        assert catalogued(client, pids)
        assert command(site, "reconcile").stdout.startswith("reconcile: 2 scans, 0 incomplete")


def test_all_pages_of_an_outbox_are_reconciled_and_replayed(outbox_site: Site) -> None:
    site, pids = outbox_site, [new_pid() for _ in range(130)]
    outbox = Outbox(site.outbox)
    outbox.put([message for pid in pids for message in pair(pid=pid)])
    outbox.close()
    with site.scicow() as scicow, site.client() as client:
        wait_until(lambda: catalogued(client, pids), "all are there", 30, child=scicow.child)
        assert "260 messages would be given" in command(site, "replay", "--dry-run").stdout
        for pid in pids:
            client.delete_dataset(pid)
        assert "130 scans, 130 incomplete, 130 mended" in command(site, "reconcile").stdout
        assert catalogued(client, pids)


def test_replay_brings_back_what_the_catalogue_lost(site: Site) -> None:
    pids = [new_pid() for _ in range(3)]
    site.produce(message for pid in pids for message in scan(pid))
    with site.client() as client, site.scicow() as scicow:
        wait_until(lambda: catalogued(client, pids, 2), "all are there", 30, child=scicow.child)
        wait_until(lambda: site.committed() == 9, "all is committed", 30, child=scicow.child)
        client.delete_dataset(pids[1])
        assert (
            "3 messages would be given"
            in command(site, "replay", "--from", "3", "--to", "6", "--dry-run").stdout
        )
        done = command(site, "replay", "--topic", site.topic(), "--from", "3", "--to", "6")
        assert "3 messages given" in done.stdout
        wait_until(lambda: catalogued(client, pids, 2), "it is back", 30, child=scicow.child)
        wait_until(lambda: site.committed() == 12, "all is committed", 30, child=scicow.child)
    wrong = command(site, "replay", "--topic", "metadata.nowhere")
    assert wrong.returncode == 1
    assert site.topic() in wrong.stderr


def test_top_and_receipt_show_what_happened(site: Site) -> None:
    pid = new_pid()
    site.produce(pair(pid=pid))
    with site.scicow() as scicow:
        wait_until(lambda: scicow.metric("scicow_messages_total") == 2, "2 messages", 30, child=scicow.child)
        shown = command(site, "top", "--once", "--url", scicow.url, settings=False)
        assert shown.returncode == 0, shown
        assert "b303a" in shown.stdout
        assert "ready" in shown.stdout
        wait_until(lambda: site.committed() == 2, "all is committed", 30, child=scicow.child)
        assert '"state": "catalogued"' in command(site, "receipt", pid).stdout
    gone = command(site, "top", "--once", "--url", scicow.url, settings=False)
    assert gone.returncode == 1
    assert gone.stderr.startswith(f"scicow: {scicow.url}: no SciCow answers")
    assert command(site, "receipt", new_pid()).returncode == 1


def test_the_outbox_survives_kill_9_and_one_scicow_delivers_at_a_time(outbox_site: Site) -> None:
    site, pids = outbox_site, [new_pid() for _ in range(120)]
    outbox = Outbox(site.outbox)
    with site.scicow() as scicow, site.client() as client:
        second = site.scicow("second")
        second.start(ready=False)
        waits = "another process delivers"
        wait_until(lambda: waits in second.get("/ready")[1], "the second waits", 30, child=second.child)
        for number, pid in enumerate(pids):
            outbox.put(pair(pid=pid))
            if number in {40, 80}:
                scicow.child.kill()
                scicow.start(ready=False)
        wait_until(lambda: catalogued(client, pids), "all are there", 60, child=scicow.child)
        wait_until(lambda: not outbox.pending(), "all is delivered", 30)
        second.child.stop(grace=20)
        assert all(len(list(client.datablocks(pid))) == 1 for pid in pids)
    outbox.close()
