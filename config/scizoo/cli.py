"""The command `scizoo`."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from scifish.common.one_line import FAILED, INTERRUPTED, WRONG, OneLineGroup, echo, fail
from scifish.errors import SettingsError
from scizoo.errors import ScizooError
from scizoo.programs import lacking


@click.group("scizoo", cls=OneLineGroup)
@click.version_option(package_name="scizoo", prog_name="scizoo")
def main() -> None:
    """Run, register and check SciZoo: the metadata of every scan, in the catalogue."""


@main.command()
@click.argument("settings", type=click.Path(path_type=Path))
@click.option("--apply", is_flag=True, help="Write the changes; without it they are only listed.")
@click.option("--tango-host", metavar="HOST:PORT", help="The Tango database; default: TANGO_HOST.")
@click.option("--export", is_flag=True, help="Print SETTINGS as dsconfig's JSON instead; touch no database.")
def register(settings: Path, *, apply: bool, tango_host: str | None, export: bool) -> None:
    """Put the servers, devices, properties and Starter levels of SETTINGS into the Tango database.

    SETTINGS is a YAML file (config/register.example.yaml) or dsconfig's JSON. What it does not name stays
    as it is, and what is right already is not written again.
    """
    with one_line():
        from scizoo.register import register as work

        if export:
            work.export(settings, None, click.echo)
        else:
            work.register(settings, apply=apply, host=tango_host, say=click.echo)


@main.command()
@click.option("--tango-host", metavar="HOST:PORT", help="The Tango database; default: TANGO_HOST.")
@click.option(
    "--scicow",
    default="http://127.0.0.1:9464",
    show_default=True,
    metavar="URL",
    envvar="SCICOW_URL",
    help="Where SciCow answers; also from SCICOW_URL.",
)
@click.option(
    "--scicow-config",
    type=click.Path(path_type=Path, readable=False),  # what may not be read is a note of the check
    metavar="FILE",
    envvar="SCICOW_CONFIG",
    help="SciCow's settings, also from SCICOW_CONFIG: its source, SciCat and the user office are tried too.",
)
def check(*, tango_host: str | None, scicow: str, scicow_config: Path | None) -> None:
    """Check the chain end to end and print what is wrong and what to do."""
    with one_line():
        from scizoo.check.chain import check as work
        from scizoo.check.chain import findings

        sys.exit(FAILED if work(findings(tango_host, scicow, scicow_config), echo) else 0)


@main.command()
@click.option("--keep", is_flag=True, help="Leave all running and print how to connect, until Ctrl-C.")
@click.option(
    "--kafka",
    is_flag=False,
    flag_value="own",
    metavar="[HOST:PORT]",
    help="Go through Kafka instead of the outbox: the broker there, or one that the demo starts.",
)
@click.option("--scans", type=click.IntRange(1, 1000), default=5, show_default=True, help="Number of scans.")
@click.option(
    "--root", type=click.Path(path_type=Path), metavar="DIR", help="Keep data, settings and logs in DIR."
)
@click.option(
    "--ports",
    type=click.IntRange(1024, 65531),
    metavar="FIRST",
    help="Give the servers fixed ports, FIRST to FIRST+4; without it free ones.",
)
def demo(*, keep: bool, kafka: str | None, scans: int, root: Path | None, ports: int | None) -> None:
    """Run a whole beamline on this machine: real scans end in the catalogue."""
    with one_line("demo"):
        from scizoo.demo.progress import make_console
        from scizoo.demo.run import Options, run

        sys.exit(run(Options(scans, root, kafka, keep, ports), make_console()))


@main.command()
@click.argument("program", type=click.Choice(["ses", "prodigy"]))
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--name", help="The acquisition's name; default: the first that is free, as ses_0001.")
@click.option("--regions", type=click.IntRange(1, 1000), default=2, show_default=True)
@click.option(
    "--kinds",
    default="",
    metavar="txt,ibw",
    help="The files to write: ses: txt,pxt,ibw,zip,h5; "
    "prodigy: sle,xy,itx,sp2,nxs,xml. Default: the first three.",
)
@click.option(
    "--speed",
    type=click.FloatRange(0.01, 10_000),
    default=1.0,
    show_default=True,
    help="How many times faster than an analyser.",
)
def simulate(program: str, folder: Path, *, name: str | None, regions: int, kinds: str, speed: float) -> None:
    """Write files into FOLDER as SES or Prodigy does, growing as the instrument acquires."""
    with one_line("demo"):
        from scizoo.simulation.simulate import next_name
        from scizoo.simulation.simulate import simulate as work

        work(
            program,
            folder,
            name=name or next_name(folder, program),
            count=regions,
            kinds=[one.strip().lstrip(".") for one in kinds.split(",") if one.strip()],
            speed=speed,
            say=echo,
        )


@main.command(deprecated="Write MACROSERVER into PathFixer's property MacroServers instead.")
@click.argument("pathfixer")
@click.argument("macroserver")
def scandir(pathfixer: str, macroserver: str) -> None:
    """Let the ScanDir of MACROSERVER follow the sample path of PATHFIXER (device names), until SIGTERM."""
    with one_line():
        from scizoo.follow_scandir import ScanDirFollower

        follower = ScanDirFollower(pathfixer, macroserver, click.echo)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: follower.stop())
        follower.run()


@main.group()
def scidog() -> None:
    """Look after SciDog's stores."""


@scidog.command()
@click.argument("source")
@click.argument("target")
@click.option("--source-password-file", type=click.Path(), metavar="FILE", help="The password at SOURCE.")
@click.option("--target-password-file", type=click.Path(), metavar="FILE", help="The password at TARGET.")
def copy(
    source: str, target: str, source_password_file: str | None, target_password_file: str | None
) -> None:
    """Copy all revisions of SciDog's store SOURCE to TARGET: folders, or mongodb://host/database.

    What TARGET has already stays; of a number that means something else there, nothing is copied. Files that
    people write by hand are not copied: what SciDog took in of them is.
    """
    with one_line():
        from scizoo.scidog_stores import copy_stores

        click.echo(copy_stores(source, target, source_password_file, target_password_file))


@scidog.command()
def schema() -> None:
    """Print the JSON Schema of configurations, and of what SciDog's commands take and answer."""
    with one_line():
        import json

        from scidog.model.requests import json_schema

        click.echo(json.dumps(json_schema(), indent=1))


@contextmanager
def one_line(extra: str = "devices") -> Iterator[None]:
    """Turn an error of ours, or a package of `extra` that is missing, into one line and an exit code."""
    try:
        yield
    except SettingsError as error:
        fail("scizoo", str(error), WRONG)
    except ScizooError as error:
        log = getattr(error, "log", "")
        if log:
            click.echo(log, err=True)
        fail("scizoo", str(error), FAILED)
    except BrokenPipeError:  # nobody reads our output any more: the program's outermost call ends it
        raise
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        text = f"{where}{error.strerror or error}; make room, or check the path and its rights"
        fail("scizoo", text, FAILED)
    except ModuleNotFoundError as error:
        fail("scizoo", lacking(error, extra), FAILED)
    except KeyboardInterrupt:
        fail("scizoo", "interrupted", INTERRUPTED)
