"""The running SciCow, the user office DUO over HTTP, and SciCat's account: down, wrong, and mended."""

from collections.abc import Iterator
from typing import Any

import pytest

from scifish.outbox.outbox import Outbox
from scizoo.facility.processes import wait_until
from sdm.testing.fault import Fault
from sdm.testing.simulator import Simulator
from support.scicat.fault_proxy import fault_proxy
from support.scicow.ingest import new_pid
from support.scicow.process import ScicowProcess, starting
from support.scicow.run import Site, catalogued, pair

TOKEN = "office-hunter2"


@pytest.fixture
def office(outbox_site: Site) -> Iterator[Simulator]:
    (outbox_site.folder / "duo.token").write_text(TOKEN)
    with Simulator(outbox_site.folder / "proposals.yaml", TOKEN) as running:
        yield running


def duo(office: Simulator) -> dict[str, Any]:
    http = {"timeout": 2, "attempts": 2, "wait": 0.05, "listing": 0}
    return {"source": "duo", "duo": {"url": office.duo_url, "token_file": "duo.token", **http}}


def put(site: Site, *pids: str) -> None:
    outbox = Outbox(site.outbox)
    for pid in pids:
        outbox.put(pair(pid=pid))
    outbox.close()


def said(scicow: ScicowProcess, event: str) -> list[dict[str, Any]]:
    return [one for one in scicow.events() if one["event"] == event]


def test_what_came_in_while_duo_was_down_is_marked_and_verified_when_it_is_back(
    outbox_site: Site, office: Simulator
) -> None:
    site, pids = outbox_site, [new_pid(), new_pid()]
    office.fault = Fault(kind="500")
    put(site, *pids)
    with site.scicow(proposals=duo(office)) as scicow, site.client() as client:

        def status(pid: str) -> Any:
            dataset = client.dataset(pid)
            return dataset and dataset["validationStatus"]

        wait_until(lambda: catalogued(client, pids), "both are there", 30, child=scicow.child)
        assert [status(pid) for pid in pids] == ["proposal not verified"] * 2
        wait_until(lambda: scicow.metric("scicow_unverified") == 2, "both are counted", 30)
        damaged = {"scientificMetadata": {"scizoo": {"beamline": "no beamline !"}}}
        client.patch_dataset(pids[0], damaged)
        office.fault = Fault()
        wait_until(lambda: status(pids[1]) == "proposal verified", "it is verified", 30, child=scicow.child)
        wait_until(lambda: said(scicow, "verified later"), "it is said", 30, child=scicow.child)
        dataset = client.dataset(pids[1])
        assert dataset is not None
        assert (dataset["ownerGroup"], dataset["principalInvestigators"]) == ("20260001-group", ["Ada Berg"])
        assert status(pids[0]) == "proposal not verified"
        assert scicow.is_ready()
        wait_until(lambda: "mend its group scizoo" in scicow.child.log.read_text(), "what to do is said", 30)
    assert "hunter2" not in scicow.child.log.read_text()


def test_a_wrong_token_of_the_office_is_said_and_holds_up_nothing(
    outbox_site: Site, office: Simulator
) -> None:
    site, pid = outbox_site, new_pid()
    (site.folder / "duo.token").write_text("wrong-hunter2")
    put(site, pid)
    with site.scicow(proposals=duo(office)) as scicow, site.client() as client:
        wait_until(lambda: catalogued(client, [pid]), "it is there", 30, child=scicow.child)
        dataset = client.dataset(pid)
        assert dataset is not None
        [mark] = dataset["scientificMetadata"]["scizoo"]["marks"]
        assert "check the token" in mark
        (site.folder / "duo.token").write_text(TOKEN)
        wait_until(lambda: said(scicow, "verified later"), "it is verified", 30, child=scicow.child)
    assert "hunter2" not in scicow.child.log.read_text()


def test_a_wrong_password_of_scicat_is_said_once_tried_slowly_and_mended_without_a_restart(
    outbox_site: Site,
) -> None:
    site, pid = outbox_site, new_pid()
    put(site, pid)
    with fault_proxy(site.catalogue) as proxy, site.client() as client:
        (site.folder / "scicat.password").write_text("wrong-hunter2")
        through = site.through(proxy.url)
        with starting(through.scicow(scicat={"login_retry": 1}, retry={"longest": 0.2})) as scicow:
            wait_until(lambda: proxy.count("POST", "/auth/login") == 3, "3 log-ins", 30, child=scicow.child)
            wait_until(lambda: "refuses the log-in" in scicow.get("/ready")[1], "/ready says it", 30)
            lines = scicow.child.log.read_text().splitlines()
            waits = len(said(scicow, "retrying"))  # a beamline says for itself why it waits
            assert sum("refuses the log-in" in line for line in lines) == 1 + waits, lines
            assert waits <= 1
            (site.folder / "scicat.password").write_text("secret")
            wait_until(lambda: catalogued(client, [pid]), "it is there", 60, child=scicow.child)
            wait_until(scicow.is_ready, "it is ready", 30, child=scicow.child)
        assert proxy.count("POST", "/auth/login") <= 5
    assert "hunter2" not in scicow.child.log.read_text()


def test_rights_that_are_missing_are_named_at_the_start(outbox_site: Site) -> None:
    with starting(outbox_site.scicow(scicat={"username": "privileged"})) as scicow:
        [event] = wait_until(lambda: said(scicow, "rights missing"), "they are named", 30, child=scicow.child)
        assert any("read back" in reason and "ADMIN_GROUPS" in reason for reason in event["reasons"])
        status, text = scicow.get("/ready")
        assert status == 503
        assert "ADMIN_GROUPS" in text
        assert scicow.get("/health")[0] == 200
