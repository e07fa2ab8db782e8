"""`scicow reconcile` beside SciCows that work: it writes nothing to the catalogue itself."""

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from scicow.scicat.client import ScicatClient
from scizoo.facility.processes import wait_until
from support.scicow.ingest import new_pid
from support.scicow.run import Site, catalogued, command, pair

pytestmark = pytest.mark.kafka


def all_once(client: ScicatClient, pids: list[str]) -> bool:
    return catalogued(client, pids) and all(len(list(client.datablocks(pid))) == 1 for pid in pids)


def test_what_is_lost_is_mended_by_two_replicas_while_new_scans_come(site: Site) -> None:
    admin = AdminClient({"bootstrap.servers": site.bootstrap, "log_level": 0})
    admin.create_topics([NewTopic(site.topic(), 2, 1)])[site.topic()].result(30)
    lost, new = [new_pid() for _ in range(20)], [new_pid() for _ in range(20)]
    site.produce(message for pid in lost for message in pair(pid=pid, dataset={"sampleId": "cup-1"}))
    with site.scicow() as scicow, site.scicow("second") as second, site.client() as client:
        wait_until(lambda: catalogued(client, lost), "all are there", 30, child=scicow.child)
        for pid in lost[:10]:
            client.delete_dataset(pid)
        for pid in lost[10:]:
            for block in client.datablocks(pid):
                client.remove_datablock(str(block["_id"]))
        client.session.request("DELETE", "/api/v3/samples/cup-1")
        site.produce(message for pid in new for message in pair(pid=pid))
        mended = command(site, "reconcile")
        assert (mended.returncode, mended.stderr) == (0, "")
        assert f"{lost[0]}: is not in the catalogue" in mended.stdout
        assert f"{lost[10]}: names the sample 'cup-1', which is not in the catalogue" in mended.stdout
        assert scicow.child.running
        assert second.child.running
        wait_until(lambda: all_once(client, [*lost, *new]), "each is there, with its file once", 30)
        assert "40 scans, 0 incomplete" in command(site, "reconcile").stdout
