"""`scicow replay` and `scicow reconcile`: messages once more, and the catalogue compared with them."""

import sys
from collections.abc import Iterator
from datetime import datetime
from functools import partial

import click

from scicow.cli.options import config_option, transport_of
from scicow.cli.reconcile import Again, Reconciler
from scicow.errors import MessageUnfit, ScicowError
from scicow.ingest.proposal_check import Validator
from scicow.kafka.reader import Bound
from scicow.scicat.client import ScicatClient
from scicow.settings.model import SciCowSettings
from scicow.transport import Transport
from scicow.work.handler import read_delivery
from scifish.common.text_forms import counted
from scifish.errors import MessageError
from sdm import open_proposals


class BoundType(click.ParamType[int | datetime]):
    """An offset, or a time in ISO 8601 (without a zone: local time)."""

    name = "offset|time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | datetime:
        """Read the text."""
        text = str(value)
        if text.isdigit():
            return int(text)
        try:
            return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone()
        except ValueError:
            self.fail(f"{text!r} is neither an offset nor a time such as 2026-03-01T09:30Z", param, ctx)


topic_option = click.option("--topic", help="The topic; none: all beamlines'.")
from_option = click.option(
    "--from", "begin", type=BoundType(), help="First offset or time; none: the first kept."
)
to_option = click.option("--to", "end", type=BoundType(), help="End (not included); none: what is there now.")


@click.command()
@topic_option
@from_option
@to_option
@click.option("--dry-run", is_flag=True, help="Only count.")
@config_option
def replay(settings: SciCowSettings, topic: str | None, begin: Bound, end: Bound, dry_run: bool) -> None:
    """Give messages that the topic (or the outbox) still keeps to the running SciCow once more.

    The catalogue does not change where it holds them already.
    """
    count = 0
    with transport_of(settings) as transport:
        for beamline, name in _topics(transport, topic):
            for delivery in transport.messages(name, beamline, begin, end):
                count += 1
                if not dry_run:
                    transport.replay(delivery)
    click.echo(f"{counted(count, 'message')} {'would be ' if dry_run else ''}given to SciCow once more")


@click.command()
@topic_option
@from_option
@to_option
@click.option("--mend/--report", default=True, show_default=True, help="Mend what is missing, or print it.")
@click.option(
    "--wait",
    type=click.FloatRange(0, 86_400),
    default=60.0,
    show_default=True,
    help="Seconds without another scan mended after which the rest counts as not mended.",
)
@config_option
def reconcile(
    settings: SciCowSettings, topic: str | None, begin: Bound, end: Bound, *, mend: bool, wait: float
) -> None:
    """Compare the topics (or the outbox) with the catalogue, and let the running SciCow mend it."""
    with transport_of(settings) as transport, ScicatClient(settings.scicat) as scicat:
        topics = _topics(transport, topic)

        def messages() -> Iterator[Again]:
            for beamline, name in topics:
                yield from _readable(transport, name, beamline, begin, end)

        check = Validator(open_proposals(settings.proposals), settings.ingest).check
        reconciler = Reconciler(scicat, settings.ingest, check, patience=wait)
        report = reconciler.compare(message for message, _ in messages())
        if mend and report.lacking:
            reconciler.mend(report, messages())
    for difference in report.differences + report.waiting:
        click.echo(f"{difference.pid}: {difference.what}")
    for left in report.failed:
        ask = (
            f"; see `scicow receipt {left.pid}`, or is no SciCow running?"
            if left.pid in report.lacking
            else ""
        )
        click.echo(f"{left.pid}: not mended: {left.what}{ask}")
    click.echo(
        f"reconcile: {counted(report.pids, 'scan')}, {len(report.lacking)} incomplete, "
        f"{report.mended} mended, {report.proprietary} proprietary left out"
    )
    if not report.complete:
        sys.exit(1)


def _readable(transport: Transport, topic: str, beamline: str, begin: Bound, end: Bound) -> Iterator[Again]:
    """Iterate over the messages that can be read; the others are dead letters, and not looked for."""
    for delivery in transport.messages(topic, beamline, begin, end):
        try:
            yield read_delivery(delivery), partial(transport.replay, delivery)
        except (MessageError, MessageUnfit):
            continue


def _topics(transport: Transport, topic: str | None) -> list[tuple[str, str]]:
    known = transport.topics()
    if topic is None:
        return sorted(known.items())
    found = [(beamline, name) for beamline, name in known.items() if name == topic]
    if not found:
        shown = ", ".join(sorted(known.values())) or "none"
        raise ScicowError(f"topic {topic!r}: is no beamline's topic; there are: {shown}")
    return found
