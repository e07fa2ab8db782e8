"""minicat as a process: how it begins, fails and ends."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from support.scicat.catalogue import MOMENT, Api, minicat, path_of, raw_v4, started
from support.scicat.site import Site

COMMAND = [sys.executable, "-c", "from minicat.cli import main; main()"]


def _run(*arguments: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=60)


def _is_one_line(text: str, *parts: str) -> bool:
    return text.count("\n") == 1 and text.startswith("minicat: ") and all(part in text for part in parts)


def test_a_port_in_use_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = _run("--port", port)
    assert done.returncode == 1
    assert _is_one_line(done.stderr, f"127.0.0.1:{port}", "in use", "--port")


@pytest.mark.parametrize("host", ["no.such.host.invalid", "192.0.2.1"])
def test_a_host_that_is_not_this_one_is_told(host: str) -> None:
    done = _run("--host", host, "--port", 0)
    assert done.returncode == 1
    assert _is_one_line(done.stderr, host)


def test_settings_that_are_not_there_are_told(tmp_path: Path) -> None:
    done = _run("--settings", tmp_path / "none.yaml")
    assert done.returncode == 2
    assert _is_one_line(done.stderr, "none.yaml", "cannot be read")


def test_an_unknown_setting_is_told(tmp_path: Path) -> None:
    path = tmp_path / "minicat.yaml"
    path.write_text("adminGroup: [admin]\n", encoding="utf-8")
    done = _run("--settings", path)
    assert done.returncode == 2
    assert _is_one_line(done.stderr, "adminGroup", "did you mean 'admin_groups'?")


def test_a_database_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    done = _run("--port", 0, "--database", tmp_path / "no folder" / "catalogue.db")
    assert done.returncode == 1
    assert _is_one_line(done.stderr, "catalogue.db", "cannot be opened")


def test_without_settings_a_password_is_told_once() -> None:
    environment = {name: text for name, text in os.environ.items() if name != "MINICAT_ADMIN_PASSWORD"}
    with subprocess.Popen(
        [*COMMAND, "--port", "0"], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        password = process.stdout.readline().rpartition(" ")[2].strip()
        url = process.stdout.readline().rpartition(" ")[2].strip()
        credentials = {"username": "admin", "password": password}
        answer = requests.post(f"{url}/api/v3/auth/login", json=credentials, timeout=20)
        process.terminate()
        assert process.wait(timeout=20) == 0
    assert answer.status_code == 201


def test_its_password_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINICAT_ADMIN_PASSWORD", "chosen")
    with started() as (url, _):
        credentials = {"username": "admin", "password": "chosen"}
        assert requests.post(f"{url}/api/v3/auth/login", json=credentials, timeout=20).status_code == 201
        assert requests.get(url, timeout=20).json()["name"] == "minicat"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_without_an_error_when_it_is_asked_to(number: signal.Signals) -> None:
    with started() as (url, process):
        assert requests.get(f"{url}/api/v3/health", timeout=20).json() == {"status": "ok"}
        process.send_signal(number)
        assert process.wait(timeout=20) == 0


def test_what_was_answered_outlives_a_kill(tmp_path: Path) -> None:
    database = str(tmp_path / "catalogue.db")
    with minicat(tmp_path, "--database", database) as (catalogue, process), catalogue.client() as client:
        token = _login(client, *catalogue.passwords["admin"])
        api = Api(client)
        made = [api.dataset(4, description=f"number {number}") for number in range(20)]
        process.kill()
        process.wait(timeout=20)
    with started("--settings", str(tmp_path / "minicat.yaml"), "--database", database) as (url, _):
        headers = {"Authorization": f"Bearer {token}"}
        with Site(f"{url}/api") as client:
            client.headers.update(headers)
            kept = [client.get(path_of(dataset, 4)).json() for dataset in made]
    assert kept == made


def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINICAT_ADMIN_PASSWORD", "chosen")
    arguments = ("--database", str(tmp_path / "catalogue.db"))
    with started(*arguments, largest_file=600_000) as (url, _), Site(f"{url}/api") as client:
        _login(client, "admin", "chosen")
        api, made = Api(client), []
        while (answer := api.post("/v4/datasets", raw_v4(description="x" * 20_000))).status_code == 201:
            made.append(answer.json())
        assert answer.status_code == 500
        assert "disk" in answer.json()["message"]
        file = {"path": "a", "size": 1, "time": MOMENT, "chk": "x" * 60_000}
        block = {"datasetId": made[0]["pid"], "size": 1, "dataFileList": [file]}
        assert [api.post("/v3/origdatablocks", block).status_code for _ in range(2)] == [500, 500]
        assert [client.get(path_of(dataset, 4)).json() for dataset in made] == made
    with started(*arguments) as (url, _), Site(f"{url}/api") as client:
        _login(client, "admin", "chosen")
        assert [client.get(path_of(dataset, 4)).json() for dataset in made] == made


def test_a_client_that_goes_away_in_mid_body_harms_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINICAT_ADMIN_PASSWORD", "chosen")
    with started() as (url, _):
        host, _, port = url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port))) as line:
            line.sendall(b"POST /api/v4/datasets HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        with Site(f"{url}/api") as client:
            _login(client, "admin", "chosen")
            assert client.get("/v4/datasets").json() == []


def _login(client: Site, username: str, password: str) -> str:
    answer = client.post("/v3/auth/login", json={"username": username, "password": password})
    token: str = answer.json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    return token
