"""Recording processes that are killed at random moments, and what may be found of their scans afterwards."""

import json
import os
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from confluent_kafka import Consumer

from scicow.delivery import Delivery
from scicow.kafka.reader import read_topic
from scicow.scicat.client import ScicatClient
from scifish.contract.message import Message, read_message
from scifish.kafka.sender import kafka_sender
from scifish.outbox.outbox import Outbox
from scifish.settings.model import KafkaSettings, OutboxSettings, SciFishSettings
from scizoo.facility.processes import wait_until
from support.scicow.process import ScicowProcess
from support.scicow.run import PROPOSALS, Site
from support.scifish.secret_producer import BEAMLINE, OWN, PATHFIXERS

TESTS = Path(__file__).parents[2]
_ERROR = re.compile(r"ERROR entry ([0-9A-F-]{36}) turned out to be proprietary after")
OFFICE = [
    {**PROPOSALS[0], "id": one, "group": f"{one}-group", "beamlines": [BEAMLINE]} for one in (PATHFIXERS, OWN)
]


@dataclass
class Scan:
    """What the client of one scan said that it had done, and when its process was killed (0: it went on)."""

    pid: str
    mark: str
    kind: str
    done: dict[str, float] = field(default_factory=dict)
    killed: float = 0.0

    def before_naming(self, *events: str) -> bool:
        """Tell whether the client sent it (or was about to) before it had named its own proposal."""
        named = self.done.get("named", float("inf"))
        return any(self.done.get(one, float("inf")) < named for one in events)


@dataclass
class Found:
    """All scans, how often a process was killed, which pids an error names, and what is wrong."""

    scans: list[Scan] = field(default_factory=list)
    kills: int = 0
    reported: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def of(self, kind: str) -> list[Scan]:
        """Return the scans of a kind; secret ones only if they had become so."""
        return [one for one in self.scans if one.kind == kind and (kind != "secret" or "secret" in one.done)]


def run(site: Site, scicow: ScicowProcess, kills: int, seed: int, elsewhere: Sequence[Path] = ()) -> Found:
    """Kill so many recording processes, deliver what they left, and look for what must not be there.

    `elsewhere`: the folders of the catalogue and of the broker, whose files are searched, too.
    """
    found, chance = Found(), random.Random(seed)
    temporary = site.folder / "tmp"
    temporary.mkdir()
    while found.kills < kills:
        found.scans += _killed(site, temporary, found.kills + seed * 1000, chance)
        found.kills += 1
    _deliver(site, scicow)
    log = (site.folder / "producers.log").read_text(errors="replace")
    found.reported = set(_ERROR.findall(log))
    found.wrong = [*_bytes(found, site, temporary, elsewhere), *_proposals(found, site)]
    return found


def _killed(site: Site, temporary: Path, seed: int, chance: random.Random) -> list[Scan]:
    """Run a recording process, kill it at a random moment, and return its scans."""
    paths = os.pathsep.join([str(TESTS), str(TESTS.parent / "recorders")])
    arguments = [str(site.outbox), site.bootstrap or "-", site.prefix, str(seed)]
    with (site.folder / "producers.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "support.scifish.secret_producer", *arguments],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, "PYTHONPATH": paths, "TMPDIR": str(temporary)},
        )
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(chance.randint(1, 15))]
    killer = threading.Timer(chance.uniform(0, 0.02), process.kill)
    killer.start()
    lines += process.stdout.readlines()
    killer.join()
    process.stdout.close()
    assert process.wait() == -9, "it ended by itself: see producers.log"
    scans = list(_scans(lines))
    scans[-1].killed = time.time()
    return scans


def _scans(lines: Iterable[str]) -> Iterator[Scan]:
    scan: Scan | None = None
    for line in lines:
        if not line.endswith("\n"):
            continue
        said = json.loads(line)
        if said["event"] == "started":
            if scan is not None:
                yield scan
            scan = Scan(said["pid"], said["mark"], said["kind"])
        if scan is not None:
            scan.done[said["event"]] = said["time"]
    if scan is not None:
        yield scan


def _deliver(site: Site, scicow: ScicowProcess) -> None:
    """Bring all that the outbox has to SciCow, and wait until that has nothing left to do."""
    with closing(Outbox(site.outbox)) as outbox:
        outbox.end_orphans()
        if site.bootstrap:
            settings = SciFishSettings(
                outbox=OutboxSettings(path=site.outbox),
                kafka=KafkaSettings(bootstrap=site.bootstrap, options={"compression.type": "none"}),
                topic_prefix=site.prefix,
            )
            assert kafka_sender(settings, outbox).stop(60)
        wait_until(lambda: outbox.level().waiting == 0, "the outbox is empty", 60, child=scicow.child)
        assert outbox.level().open_entries == 0
    if site.bootstrap:
        last = {one.pid: one.sequence for one in sorted(_messages(site), key=lambda one: one.sequence)}
        wait_until(lambda: _answered(site, last), "SciCow has done all", 60, child=scicow.child)


def _answered(site: Site, last: dict[str, int]) -> bool:
    """Tell whether SciCow has a receipt for each scan's last message."""
    receipts = site.receipts()
    return all(pid in receipts and (receipts[pid].sequence or 0) >= number for pid, number in last.items())


def _bytes(found: Found, site: Site, temporary: Path, elsewhere: Sequence[Path]) -> Iterator[str]:
    """Name each place that holds a byte of a secret scan; what was sent before is an error in the log."""
    here = _content(site.folder, "outbox.sqlite*") + _content(temporary, "**/*")
    sent = _content(site.folder, "scicow.sqlite*") + b"".join(one.body or b"" for one in _records(site))
    sent += b"".join(_content(folder, "**/*") for folder in elsewhere)
    for scan in found.of("secret"):
        mark = scan.mark.encode()
        if mark in here:
            yield f"{scan.pid}: {scan.mark} is in the outbox or the temporary folder"
        if mark in sent and scan.pid not in found.reported:
            yield f"{scan.pid}: {scan.mark} was sent, and no error says so"


def _proposals(found: Found, site: Site) -> Iterator[str]:
    """Name each scan that is lost, or was filed under a proposal that its client had not said."""
    messages: dict[str, list[Message]] = {}
    for one in _messages(site):
        messages.setdefault(one.pid, []).append(one)
    with site.client() as client:
        for scan in found.scans:
            if "secret" in scan.done:
                continue
            sent = sorted(messages.get(scan.pid, []), key=lambda one: one.sequence)
            if scan.kind == "secret" and (not sent or scan.pid in found.reported):
                continue  # killed in the moment in which it became so
            if not sent or sent[-1].event != "end":
                yield f"{scan.pid}: has no end"
                continue
            strange = {one.proposal.id for one in sent} - _allowed(scan)
            if strange:
                yield f"{scan.pid} ({scan.kind}, {scan.done}): was sent under {strange}"
            yield from _catalogued(client, scan, sent[-1])


def _allowed(scan: Scan) -> set[str | None]:
    """Return the proposals that a scan's messages may name."""
    if "ended" in scan.done and scan.kind == "pathfixers":
        return {PATHFIXERS}
    own: set[str | None] = {OWN, None} if scan.kind == "own" else {None}
    return own | ({PATHFIXERS} if scan.before_naming("showing", "ending") else set())


def _sent(scan: Scan) -> bool:
    return "showing" in scan.done or "ending" in scan.done


def _catalogued(client: ScicatClient, scan: Scan, last: Message) -> Iterator[str]:
    """Compare the catalogue with the scan's last message: what has no proposal is in quarantine."""
    dataset = client.dataset(scan.pid)
    group = None if dataset is None else dataset["ownerGroup"]
    if last.proposal.id is None:
        if dataset is not None and not _sent(scan):
            yield f"{scan.pid}: is in the catalogue for {group}, and nobody had said whose it is"
    elif group != f"{last.proposal.id}-group":
        yield f"{scan.pid}: is in the catalogue for {group}, not for {last.proposal.id}"


def late(found: Found, site: Site, after: float) -> list[tuple[Scan, float]]:
    """Return the scans whose end does not name what their client had, so many seconds before the kill."""
    ends = {one.pid: one for one in _messages(site) if one.event == "end"}
    return [
        (scan, scan.killed - scan.done["named"])
        for scan in found.of("own")
        if scan.killed and "named" in scan.done and scan.killed - scan.done["named"] > after
        if ends[scan.pid].proposal.id != OWN
    ]


def _messages(site: Site) -> list[Message]:
    if site.bootstrap:
        return [read_message(one.body or b"") for one in read_topic(site.kafka(), site.topic(), "")]
    with closing(Outbox(site.outbox)) as outbox:
        return [read_message(one.body) for one in outbox.messages(limit=1_000_000)]


def _records(site: Site) -> Iterator[Delivery]:
    """Give what is in the topic of the scans and in the letters' topics."""
    if site.bootstrap:
        topics = (
            Consumer({"bootstrap.servers": site.bootstrap, "group.id": "-"}).list_topics(timeout=20).topics
        )
        for topic in topics:
            if topic.startswith(site.prefix):
                yield from read_topic(site.kafka(), topic, "")


def _content(folder: Path, pattern: str) -> bytes:
    return b"".join(one.read_bytes() for one in folder.glob(pattern) if one.is_file())
