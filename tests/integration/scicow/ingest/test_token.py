"""Tokens that expire at the shipped catalogue, under work."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support.scicat.fault_proxy import fault_proxy
from support.scicow.ingest import ingestor, message, new_pid, running_minicat


def test_tokens_expire_while_many_threads_work_and_nobody_notices(tmp_path: Path) -> None:
    with (
        running_minicat(tmp_path / "minicat", token_lifetime=1) as url,
        fault_proxy(url) as proxy,
        ingestor(proxy.url, tmp_path) as cow,
        ThreadPoolExecutor(6) as workers,
    ):
        while proxy.count("POST", "/auth/login") < 3:
            list(workers.map(lambda _: cow.ingest(message(new_pid())), range(30)))
        logins = proxy.count("POST", "/auth/login")
        assert logins <= 5
        assert proxy.count("POST", "/api/v4/datasets") >= 90
