"""The command `scifish`, as a shell script and an operator use it."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scifish.outbox.outbox import Outbox
from scizoo.facility.processes import wait_until
from support.kafka.brokers import consumed, mock_broker
from support.scifish.recorder import checked, message_of, mint

SLEEPING = ("record", "--", "sh", "-c", "echo $$; exec sleep 600")
RECORDERS = Path(__file__).parents[3] / "recorders"


class Host:
    """A host with settings of its own and no Tango."""

    def __init__(self, folder: Path, extra: str = "") -> None:
        self.folder = folder
        self.outbox = folder / "outbox.sqlite"
        config = folder / "scifish.yaml"
        config.write_text(
            f"outbox: {{path: {self.outbox}}}\nbeamline: bl07\nfiles: {{stable_for: 0.05}}\n{extra}"
        )
        self.environment = {
            **os.environ,
            "SCIFISH_CONFIG": str(config),
            "PYTHONPATH": str(RECORDERS),
            "TANGO_HOST": "127.0.0.1:1",
        }

    @contextmanager
    def started(self, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
        """Start the command; at the end it is killed with its children, unless they have ended."""
        argv = [sys.executable, "-c", "from scifish.cli.main import main; main()", *arguments]
        pipe = subprocess.PIPE
        with subprocess.Popen(
            argv,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            text=True,
            cwd=self.folder,
            env=self.environment,
            start_new_session=True,
        ) as process:
            try:
                yield process
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

    def run(self, *arguments: str) -> tuple[int, str, str]:
        with self.started(*arguments) as process:
            out, error = process.communicate(timeout=60)
            return process.returncode, out, error


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_record_runs_a_command_as_a_scan(host: Host) -> None:
    script = "echo measured; echo data > out.dat; exit 3"
    options = ["--title", "irradiate", "--sample", "S1", "--file", "out.dat", "--file", "never.dat"]
    meta = ["--meta", "exposure=3.5:s", "--meta", "oven/T=295:K", "--meta", "note=at 12:30", "--meta", "n=4"]
    code, out, _ = host.run("record", *options, *meta, "--", "sh", "-c", script)
    assert code == 3
    assert out == "measured\n"
    messages = [checked(row.body) for row in Outbox(host.outbox).messages()]
    start, *_, last = messages
    assert start.event == "start"
    assert last.environment.exit_status == "exception"
    assert last.environment.model_dump()["exitCode"] == 3
    assert last.environment.title == "irradiate"
    assert last.dataset.dataset_name.startswith("sh -c")
    assert last.dataset.sample_id == "S1"
    assert last.dataset.scientific_metadata == {
        "exposure": {"value": 3.5, "unit": "s"},
        "oven": {"T": {"value": 295, "unit": "K"}},
        "note": "at 12:30",
        "n": 4,
    }
    assert [(file.path, file.size) for file in last.dataset.files] == [(str(host.folder / "out.dat"), 5)]
    assert f"file {host.folder / 'never.dat'} was not there yet" in last.problems  # the next process goes on


def test_record_says_the_proposal_that_is_named(host: Host) -> None:
    assert host.run("record", "--proposal", "20260001", "--", "true")[0] == 0
    *_, last = [checked(row.body) for row in Outbox(host.outbox).messages()]
    assert last.proposal.id == "20260001"


@pytest.mark.parametrize(
    ("command", "code", "status", "said"),
    [
        (["true"], 0, "normal", ""),
        (["no-such-program"], 127, "exception", "scifish: no-such-program: not found"),
        (["/"], 126, "exception", "scifish: /: cannot be run: Permission denied"),
        (["an odd name"], 127, "exception", "scifish: 'an odd name': not found"),
        ([""], 127, "exception", "scifish: '': not found"),
    ],
)
def test_record_ends_as_the_command_does(
    host: Host, command: list[str], code: int, status: str, said: str
) -> None:
    got, _, error = host.run("record", "--", *command)
    assert (got, said in error) == (code, True), error
    assert checked(Outbox(host.outbox).messages()[-1].body).environment.exit_status == status


def test_a_command_that_does_not_end_is_ended_with_its_children(host: Host) -> None:
    with host.started(*SLEEPING) as process:
        assert process.stdout is not None
        sleeper = int(process.stdout.readline())
    assert process.returncode == -signal.SIGKILL
    wait_until(lambda: not Path(f"/proc/{sleeper}/cwd").exists(), "the sleeper is gone", 30)


def test_record_passes_a_signal_on_and_records_the_abort(host: Host) -> None:
    with host.started(*SLEEPING) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip().isdigit()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM
    assert checked(Outbox(host.outbox).messages()[-1].body).environment.exit_status == "aborted"


def test_record_is_transparent_to_input_output_and_errors(host: Host) -> None:
    with host.started("record", "--", "sh", "-c", "cat; echo oops >&2") as process:
        out, error = process.communicate("line 1\nline 2\n", timeout=30)
    assert (process.returncode, out) == (0, "line 1\nline 2\n")
    assert "oops\n" in error


def test_record_of_a_command_that_is_killed(host: Host) -> None:
    assert host.run("record", "--", "sh", "-c", "kill -9 $$")[0] == 128 + signal.SIGKILL
    end = checked(Outbox(host.outbox).messages()[-1].body)
    assert end.environment.exit_status == "aborted"
    assert end.environment.model_dump()["exitCode"] == 137


def test_a_recorder_that_is_killed_leaves_an_interrupted_scan(host: Host) -> None:
    script = "echo $$; exec sleep 600"
    with host.started("record", "--file", "late.dat", "--", "sh", "-c", script) as process:
        assert process.stdout is not None
        command = int(process.stdout.readline())
        process.kill()
        os.kill(command, signal.SIGKILL)
        process.communicate(timeout=30)
    [pid] = Outbox(host.outbox).end_orphans()
    end = checked(Outbox(host.outbox).messages()[-1].body)
    assert (end.pid, end.event, end.environment.exit_status) == (pid, "end", "interrupted")


def test_config_shows_values_and_sources(tmp_path: Path) -> None:
    host = Host(tmp_path, "kafka:\n  options: {sasl.password: hunter2, sasl.username: me}\n")
    code, out, error = host.run("config")
    assert (code, error) == (0, "")
    assert "hunter2" not in out
    lines = {line.split()[0]: line for line in out.splitlines()}
    assert lines["beamline"].split()[1] == "bl07"
    assert "SCIFISH_CONFIG" in lines["beamline"]
    assert "********" in lines["kafka.options.sasl.password"]
    assert lines["topic_prefix"].endswith("default")


@pytest.mark.parametrize("arguments", [["config"], ["outbox", "list"], ["outbox", "status"], ["deliver"]])
def test_wrong_settings_are_one_line_and_exit_code_2(tmp_path: Path, arguments: list[str]) -> None:
    code, out, error = Host(tmp_path, "beamlin: x\n").run(*arguments)
    assert (code, out) == (2, "")
    assert error.count("\n") == 1
    assert "did you mean 'beamline'" in error


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["outbox", "status"], 1, "does not exist; nothing was recorded here yet"),
        (["deliver", "--once"], 2, "set kafka.bootstrap"),
        (["record", "--meta", "novalue", "--", "true"], 2, "write key=value"),
        (["record"], 2, "Missing argument"),
        (["record", "--meta", "a=1", "--meta", "a/b=2", "--", "true"], 2, "take another name"),
        (["outbox", "resend", ""], 2, "name one PID"),
        (["outbox", "resend", "ABC"], 1, "does not exist"),
    ],
)
def test_wrong_use_is_said_in_a_line(host: Host, arguments: list[str], code: int, said: str) -> None:
    got, _, error = host.run(*arguments)
    assert got == code
    assert said in error
    assert "Traceback" not in error


def test_the_outbox_is_listed_shown_resent_and_purged(host: Host) -> None:
    outbox = Outbox(host.outbox)
    one, two = message_of(mint(), name="one"), message_of(mint(), name="two", event="end")
    outbox.put([one, two])
    outbox.open(message_of(mint(), name="running"))
    first, second = outbox.pending()
    outbox.delivered([first.id])
    outbox.refuse(second.id, "odd")
    assert host.run("outbox", "status")[0] == 1
    listed = host.run("outbox", "list")[1]
    assert two.pid in listed
    assert "refused (odd)" in listed
    assert "open since then" in listed
    assert one.pid not in listed
    assert one.pid in host.run("outbox", "list", "--all")[1]
    shown = host.run("outbox", "show", one.pid[:13].lower())[1]
    assert json.loads(shown)["dataset"]["datasetName"] == "one"
    assert host.run("outbox", "show", "FFFF")[0] == 1
    assert "1 message is queued" in host.run("outbox", "resend", two.pid)[1]
    assert host.run("outbox", "resend")[0] == 2
    assert "1 delivered message was deleted" in host.run("outbox", "purge")[1]
    assert [row.pid for row in outbox.pending()] == [two.pid]
    assert "waiting   1 message," in host.run("outbox", "status")[1]


@pytest.mark.parametrize("command", ["recover", "salvage"])
def test_a_damaged_outbox_is_recovered(host: Host, tmp_path: Path, command: str) -> None:
    old = Outbox(tmp_path / "old.sqlite")
    old.put([message_of(mint())])
    old.close()
    code, text, warned = host.run("outbox", command, str(old.path))
    assert code == 0
    assert "read: 1 message and 0 open scans; could not be read: 0" in text
    assert ("It is called recover now" in warned) == (command == "salvage")
    assert Outbox(host.outbox).level().waiting == 1


def test_what_a_short_program_leaves_is_delivered_by_the_command(tmp_path: Path) -> None:
    with mock_broker() as bootstrap:
        host = Host(tmp_path, f"kafka: {{bootstrap: '{bootstrap}'}}\nexit_wait: 10\n")
        Outbox(host.outbox).put([message_of(mint(), beamline="bl07")])
        assert host.run("deliver", "--once") == (0, "", "")
        assert host.run("record", "--", "true")[0] == 0
        assert Outbox(host.outbox).level().waiting == 0
        sent = len(Outbox(host.outbox).messages())
        events = [one.message.event for one in consumed(bootstrap, "metadata.bl07", sent)]
        # on a busy machine what the client says between the two is an update of its own
        assert sorted(one for one in events if one != "update") == ["end", "start", "start"]


def test_deliver_ends_in_order_on_sigterm(tmp_path: Path) -> None:
    host = Host(tmp_path, "kafka: {bootstrap: '127.0.0.1:1'}\nexit_wait: 0.1\n")
    Outbox(host.outbox).put([message_of(mint())])
    with host.started("deliver") as process:
        assert process.stderr is not None
        assert "does not answer; entries wait in the outbox" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        assert process.returncode == 0
    code, _, error = host.run("deliver", "--once", "--timeout", "2")
    assert code == 1
    assert "1 message still waits" in error
    wait_until(lambda: Outbox(host.outbox).lease("other", 1), "the lease is free again", 20)


def test_without_kafka_the_command_waits_for_the_files_of_a_short_program(
    tmp_path: Path,
) -> None:
    host, file = Host(tmp_path, "mode: outbox\n"), tmp_path / "late.h5"
    assert host.run("record", "--file", str(file), "--", "true")[0] == 0
    [missed] = checked(Outbox(host.outbox).messages()[-1].body).awaited
    assert missed.path == str(file)
    file.write_bytes(b"12345")
    with host.started("deliver") as process:
        wait_until(lambda: Outbox(host.outbox).messages()[-1].event == "update", "the file joins", 60)
        process.send_signal(signal.SIGTERM)
        _, error = process.communicate(timeout=30)
    assert (process.returncode, error) == (0, "")
    assert [one.path for one in checked(Outbox(host.outbox).messages()[-1].body).dataset.files] == [str(file)]
