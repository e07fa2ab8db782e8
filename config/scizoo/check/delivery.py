"""The way from the host to the catalogue: SciFish's outbox, Kafka, SciCow, SciCat."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from scifish.common.text_forms import counted
from scifish.errors import OutboxError, SciFishError, SettingsError
from scifish.http import HttpClient, HttpFailure
from scifish.outbox.outbox import Outbox
from scifish.settings.lookup import find_settings
from scifish.settings.model import SciFishSettings
from scizoo.check.finding import Finding, fail, note, ok

if TYPE_CHECKING:
    from scicow.settings.model import SciCowSettings as ScicowSettings

OLD = 60.0  # seconds after which a waiting message is reported as a fault
DEADLINE = 5.0


def scifish_findings(old: float = OLD) -> Iterator[Finding]:
    """Check this host's settings, its outbox (nothing may wait `old` seconds), and the broker it sends to."""
    try:
        found = find_settings()
    except SettingsError as error:
        yield fail("SciFish", str(error))
        return
    for problem in found.problems:
        yield note("SciFish", problem)
    settings = found.settings
    yield ok("SciFish", f"mode {settings.delivery}, outbox {settings.outbox.path}")
    yield _outbox(settings.outbox.path, old)
    if settings.delivery == "kafka":
        yield _kafka(settings)


def scicow_findings(url: str, config: Path | None) -> Iterator[Finding]:
    """Check SciCow where it runs, and with its settings the catalogue and the user office."""
    yield _ready(url)
    if config is not None and os.path.exists(config) and not os.access(config, os.R_OK):  # noqa: PTH110 - Path raises where a folder may not be entered
        text = f"its log-in was not tried: this account may not read {config}"
        yield note("SciCat", f"{text}; run the check as SciCow's account for that")
        return
    if config is None:
        yield note("SciCat", "its log-in was not tried; name SciCow's settings with --scicow-config")
        return
    try:
        from scicow.cli.check import checks
        from scicow.settings.model import load
    except ModuleNotFoundError as error:
        yield note("SciCat", f"its log-in was not tried ({error}): pip install 'scizoo[consumer]' for that")
        return
    try:
        settings = _hasty(load(config))
        for part, problem, told in checks(settings):
            name = f"SciCow's {part}"
            yield fail(name, problem) if problem else ok(name, told)
    except SciFishError as error:
        yield fail("SciCow's settings", str(error))


def _hasty(settings: "ScicowSettings") -> "ScicowSettings":
    """Return settings that do not wait long for a catalogue that hangs."""
    limit = min(settings.scicat.timeout, DEADLINE)
    return settings.model_copy(update={"scicat": settings.scicat.model_copy(update={"timeout": limit})})


def _outbox(path: Path, old: float) -> Finding:
    if not path.exists():
        return note("outbox", f"{path} is not there yet: no scan was recorded here with these settings")
    outbox = Outbox(path)
    try:
        level = outbox.level()
    except OutboxError as error:
        return fail("outbox", str(error))
    finally:
        outbox.close()
    if level.refused:
        return fail(
            "outbox",
            f"{path}: {counted(level.refused, 'message was', 'messages were')} refused; "
            "see why with `scifish outbox list`",
        )
    waiting = counted(level.waiting, "message waits", "messages wait")
    if level.waiting and level.oldest_seconds >= old:
        text = f"{path}: {waiting}, the oldest for {level.oldest_seconds:.0f} s"
        return fail("outbox", f"{text}; correct the fault in the lines below, then they are sent")
    return ok("outbox", f"{waiting}, {counted(level.open_entries, 'scan is', 'scans are')} open")


def _kafka(settings: SciFishSettings) -> Finding:
    bootstrap = settings.kafka.bootstrap
    if not bootstrap:
        return fail("Kafka", "mode kafka, but no kafka.bootstrap; add it to SciFish's settings")
    try:
        options = {**settings.kafka.client(), "log_level": 0}
        answer = AdminClient(options).list_topics(timeout=DEADLINE)
    except SettingsError as error:
        return fail("Kafka", str(error))
    except KafkaException as error:
        why = error.args[0].str()
        return fail(
            "Kafka", f"{bootstrap} does not answer ({why}); start the broker, or correct kafka.bootstrap"
        )
    topics = [name for name in answer.topics if name.startswith(f"{settings.topic_prefix}.")]
    return ok("Kafka", f"{bootstrap} answers; topics of beamlines: {', '.join(sorted(topics)) or 'none yet'}")


def _ready(url: str) -> Finding:
    try:
        with HttpClient(url, timeout=DEADLINE) as client:
            answer = client.send("GET", "/ready")
        problems = answer.json().get("problems", {})
    except HttpFailure as error:
        return fail("SciCow", f"{url} does not answer ({error}); start it, or name its address with --scicow")
    except ValueError:
        text = f"{url} is no SciCow: it answers {answer.status} without its document"
        return fail("SciCow", f"{text}; name SciCow's address with --scicow")
    if answer.ok:
        return ok("SciCow", f"{url} is ready")
    told = "; ".join(f"{part}: {problem}" for part, problem in problems.items())
    return fail("SciCow", f"{url} is not ready: {told or answer.status}")
