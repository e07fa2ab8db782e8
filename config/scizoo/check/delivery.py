"""The way from the host to the catalogue: SciFish's outbox, Kafka, SciCow, SciCat."""

from collections.abc import Iterator
from pathlib import Path

import httpx
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from scifish.errors import OutboxError, SciFishError, SettingsError
from scifish.lookup import find_settings
from scifish.outbox import Outbox
from scifish.settings import Settings
from scizoo.check.finding import Finding, fail, note, ok

OLD = 60.0  # seconds after which a waiting message is told as a fault
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
    if config is None:
        yield note("SciCat", "its log-in was not tried; name SciCow's settings with --scicow-config")
        return
    try:
        from scicow.check import checks
        from scicow.settings import load
    except ModuleNotFoundError as error:
        yield note("SciCat", f"its log-in was not tried ({error}): pip install 'scizoo[consumer]' for that")
        return
    try:
        for part, problem, told in checks(load(config)):
            yield fail(f"SciCow's {part}", problem) if problem else ok(f"SciCow's {part}", told)
    except SciFishError as error:
        yield fail("SciCow's settings", str(error))


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
        return fail("outbox", f"{level.refused} messages were refused; see them with `scifish outbox list`")
    if level.waiting and level.oldest_seconds >= old:
        text = f"{level.waiting} messages wait, the oldest for {level.oldest_seconds:.0f} s"
        return fail("outbox", f"{text}; the fault is told in the lines below, they will be sent then")
    return ok("outbox", f"{level.waiting} messages wait, {level.open_entries} scans are open")


def _kafka(settings: Settings) -> Finding:
    bootstrap = settings.kafka.bootstrap
    if not bootstrap:
        return fail("Kafka", "mode kafka, but no kafka.bootstrap; add it to SciFish's settings")
    try:
        options = {**settings.kafka.all_options(), "bootstrap.servers": bootstrap, "log_level": 0}
        answer = AdminClient(options).list_topics(timeout=DEADLINE)
    except SettingsError as error:
        return fail("Kafka", str(error))
    except KafkaException as error:
        return fail("Kafka", f"{bootstrap} does not answer ({error.args[0].str()}); is the address right?")
    topics = [name for name in answer.topics if name.startswith(f"{settings.topic_prefix}.")]
    return ok("Kafka", f"{bootstrap} answers; topics of beamlines: {', '.join(sorted(topics)) or 'none yet'}")


def _ready(url: str) -> Finding:
    try:
        answer = httpx.get(f"{url.rstrip('/')}/ready", timeout=DEADLINE)
        problems = answer.json().get("problems", {})
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return fail("SciCow", f"{url} does not answer ({error}); start it, or name its address with --scicow")
    except ValueError:
        return fail("SciCow", f"{url} is no SciCow: it answers {answer.status_code} without its document")
    if answer.is_success:
        return ok("SciCow", f"{url} is ready")
    told = "; ".join(f"{part}: {problem}" for part, problem in problems.items())
    return fail("SciCow", f"{url} is not ready: {told or answer.status_code}")
