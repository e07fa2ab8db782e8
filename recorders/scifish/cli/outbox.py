"""``scifish outbox …``: what waits on this host, and what to do about it."""

import json
from pathlib import Path

import click

from scifish.cli.common import existing_outbox, settings
from scifish.common.text_forms import counted
from scifish.database.stored import Stored
from scifish.errors import OutboxError
from scifish.outbox.health import alarms
from scifish.outbox.outbox import Outbox
from scifish.outbox.recovery import recover
from scifish.settings.lookup import find_settings
from scifish.settings.model import OutboxSettings
from scifish.status.outbox_history import Tracks
from scifish.status.scan_status import Arrival
from scifish.status.scan_statuses import arrivals


@click.group()
def outbox() -> None:
    """Look after the entries that are kept on this host."""


@outbox.command()
def status() -> None:
    """Show how full the outbox is; exit code 1 when that is an alarm."""
    chosen = settings().settings.outbox
    box = existing_outbox(chosen)
    level, room = box.level(), box.room()
    click.echo(f"outbox    {chosen.path}")
    click.echo(f"waiting   {counted(level.waiting, 'message')}, {level.waiting_bytes / 1e6:.1f} MB")
    click.echo(f"oldest    {level.oldest_seconds:.0f} s")
    click.echo(f"delivered {counted(room.delivered, 'message is', 'messages are')} kept, {_kept(chosen)}")
    free = f"{room.free_bytes / 1e6:.1f} MB are free for new ones"
    click.echo(f"file      {room.file_bytes / 1e6:.1f} MB, of which {free}")
    click.echo(f"refused   {counted(level.refused, 'message')}")
    click.echo(f"open      {counted(level.open_entries, 'scan')}")
    found = alarms(level, chosen)
    for text in found.values():
        click.echo(f"ALARM     {text}")
    raise SystemExit(1 if found else 0)


@outbox.command("list")
@click.option("--all", "every", is_flag=True, help="Also what was delivered.")
@click.option("--receipts", is_flag=True, help="Behind what was delivered: whether the catalogue has it.")
@click.option("--limit", default=100, show_default=True, help="The newest so many messages.")
def list_(every: bool, receipts: bool, limit: int) -> None:
    """List the messages that wait or were refused, and the scans that are open."""
    box = existing_outbox()
    listed = box.messages(limit=limit, all_states=every or receipts)
    where = arrivals(find_settings().settings, [one.pid for one in listed]) if receipts else {}
    for stored in listed:
        click.echo(_line(stored, where.get(stored.pid)))
    for state, owner in box.open_entries():
        document = json.loads(state)
        name = document["dataset"]["datasetName"]
        click.echo(f"{document['sentAt']}  {document['pid']}  open since then in process {owner.pid}: {name}")


@outbox.command()
@click.argument("pid")
def show(pid: str) -> None:
    """Print all messages of a scan as JSON lines; PID may be the beginning of one."""
    stored = existing_outbox().messages(pid)
    if not stored:
        raise OutboxError(f"{pid}: no scan of that pid is in the outbox; see `scifish outbox list --all`")
    for one in stored:
        click.echo(one.body.decode("utf-8", "replace"))


@outbox.command()
@click.argument("pid", required=False)
@click.option("--all", "every", is_flag=True, help="Everything that the outbox still has.")
def resend(pid: str | None, every: bool) -> None:
    """Queue a scan's messages again: the catalogue takes each only once."""
    if bool(pid) == every:
        raise click.UsageError("name one PID, or --all")
    count = existing_outbox().resend(pid)
    if count == 0 and pid is not None:
        raise OutboxError(f"{pid}: nothing to send again; see `scifish outbox list --all`")
    queued = counted(count, "message is", "messages are")
    click.echo(f"{queued} queued; the next recording process or `scifish deliver` sends what is queued")


@outbox.command()
@click.argument("pid")
def forget(pid: str) -> None:
    """Delete a scan from the outbox without a trace: a proprietary one. PID is the whole pid."""
    box = existing_outbox()
    track = Tracks(box.path).of([pid.upper()])[pid.upper()]
    if track.begun is None and not track.open:
        raise OutboxError(f"{pid}: is the pid of no scan in the outbox; see `scifish outbox list --all`")
    sent = box.forget(pid.upper())
    box.empty_journal()
    click.echo(f"{pid.upper()} is deleted; {sent} of its messages had been sent")


@outbox.command()
@click.option("--older-than", "days", default=0.0, show_default=True, help="Days since the delivery.")
@click.option("--compact", is_flag=True, help="Give the room back to the disk; entries wait meanwhile.")
def purge(days: float, compact: bool) -> None:
    """Delete delivered messages before their time. What waits is never deleted."""
    box = existing_outbox()
    click.echo(f"{counted(box.purge(days), 'delivered message was', 'delivered messages were')} deleted")
    if compact:
        before = box.room().file_bytes
        box.compact()
        click.echo(f"{(before - box.room().file_bytes) / 1e6:.1f} MB were given back to the disk")


@outbox.command("recover")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def recover_(file: Path) -> None:
    """Bring what can still be read of a damaged FILE back into the outbox."""
    chosen = settings().settings.outbox
    found = recover(file, Outbox(chosen.path))
    click.echo(
        f"read: {counted(found.messages, 'message')} and {counted(found.entries, 'open scan')}; "
        f"could not be read: {found.lost}"
    )


@outbox.command("salvage", hidden=True, deprecated="It is called recover now.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_context
def salvage(context: click.Context, file: Path) -> None:
    """Bring what can still be read of a damaged FILE back into the outbox."""
    context.invoke(recover_, file=file)


def _kept(chosen: OutboxSettings) -> str:
    return f"{chosen.retention_days:g} days and {chosen.retention_megabytes:g} MB at most"


def _line(stored: Stored, where: Arrival | None = None) -> str:
    state = (
        "delivered" if stored.delivered else f"refused ({stored.refused})" if stored.refused else "waiting"
    )
    if where is not None and stored.delivered:
        state = f"{state}; {where}"
    when = stored.created.astimezone().isoformat(timespec="seconds")
    number = f"{stored.sequence}.{stored.part}"
    return f"{when}  {stored.pid}  {number:>6}  {stored.event:<6}  {stored.beamline:<12}  {state}"
