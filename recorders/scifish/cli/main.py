"""The command `scifish`: records from shell scripts, shows the settings, and looks after the outbox."""

import shlex
import signal
import sys
import threading
from typing import Any

import click

from scifish.cli.common import log_to_stderr, settings
from scifish.cli.outbox import outbox
from scifish.cli.receipt import receipt
from scifish.cli.record import absolute, metadata, record
from scifish.client import SciFish
from scifish.common.one_line import FAILED, WRONG, OneLineGroup, fail
from scifish.common.text_forms import counted
from scifish.delivery import delivery
from scifish.errors import SciFishError, SettingsError
from scifish.files.file_watch import FileWatch
from scifish.outbox.outbox import Outbox
from scifish.settings.lookup import settings_table
from scifish.version import scifish_version


@click.group(
    "scifish",
    cls=OneLineGroup,
    codes={SettingsError: WRONG, SciFishError: FAILED},
)
@click.version_option(scifish_version(), prog_name="scifish")
def main() -> None:
    """Record scans with their metadata."""
    log_to_stderr()


main.add_command(outbox)
main.add_command(receipt)


@main.command()
def config() -> None:
    """Show each setting, its value and where it came from; secrets are masked."""
    rows = settings_table(settings())
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for name, value, source in rows:
        click.echo(f"{name:<{widths[0]}}  {value:<{widths[1]}}  {source}")


@main.command("record", context_settings={"ignore_unknown_options": True})
@click.option("--name", help="The dataset's name; without it the command line.")
@click.option("--title", help="The scan command that the catalogue shows; without it the command line.")
@click.option("--proposal", help="The proposal's id; without it the one that is set in PathFixer.")
@click.option("--sample", help="The sample's id.")
@click.option("--file", "files", multiple=True, help="A file that the command writes; may be repeated.")
@click.option("--meta", multiple=True, metavar="KEY=VALUE[:UNIT]", help="Metadata; KEY may be GROUP/NAME.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def record_(command: tuple[str, ...], **options: Any) -> None:
    """Run COMMAND as a scan and end with its exit code: scifish record --meta exposure=3:s -- ./irradiate."""
    scan = SciFish(orchestrator="scifish record", proposal_follows=False)
    scan.scicat_data.scientificMetadata = metadata(options["meta"])
    if options["proposal"]:  # else nothing is said of it, and PathFixer's counts
        scan.scicat_data.proposalId = options["proposal"]
    scan.sampleId = options["sample"]
    scan.environment_data.title = options["title"] or shlex.join(command)
    sys.exit(record(command, scan, name=options["name"], files=absolute(options["files"])))


@main.command()
@click.option("--once", is_flag=True, help="End when nothing waits any more.")
@click.option("--timeout", default=60.0, show_default=True, help="Seconds that --once may take.")
def deliver(once: bool, timeout: float) -> None:
    """Deliver the outbox to Kafka until SIGTERM: for hosts whose recording programs end early.

    It also waits for the files that they left; that alone in mode `outbox`, where SciCow delivers.
    """
    chosen = settings().settings
    if chosen.delivery not in ("kafka", "outbox") or (once and chosen.delivery != "kafka"):
        raise SettingsError(
            f"mode {chosen.delivery}: there is nothing to deliver to; set kafka.bootstrap in the settings"
        )
    if chosen.delivery == "kafka":
        import scifish.kafka.sender  # noqa: F401 - says what is missing, where `delivery` would only log it

    ended = threading.Event()
    if not once:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
    box = Outbox(chosen.outbox.path)
    files = FileWatch(chosen.files, passed_on=True)
    work = delivery(chosen, files)
    if once:
        files.close(chosen.exit_wait)
        work.close(timeout)
        waiting = box.level().waiting
        if waiting:
            many = counted(waiting, "message still waits", "messages still wait")
            fail("scifish", f"{many}; see `scifish outbox list`", FAILED)
        return
    ended.wait()
    files.close(chosen.exit_wait)
    work.close(chosen.exit_wait)
