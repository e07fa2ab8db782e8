"""Settings that change what the catalogue answers."""

from pathlib import Path

from support.scicat.catalogue import Api, minicat, path_of, raw_v4

UUID4 = "[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}"


def test_a_token_ends_after_its_lifetime(tmp_path: Path) -> None:
    with minicat(tmp_path, token_lifetime=1e-6) as (catalogue, _), catalogue.client() as client:
        username, password = catalogue.passwords["admin"]
        answer = client.post("/v3/auth/login", json={"username": username, "password": password}).json()
        headers = {"Authorization": f"Bearer {answer['access_token']}"}
        assert client.get("/v3/users/my/self", headers=headers).status_code == 401


def test_administrators_remove_only_with_the_right_to(tmp_path: Path) -> None:
    with minicat(tmp_path, delete_groups=["removers"]) as (catalogue, _), catalogue.login() as api:
        dataset = api.dataset()
        assert api.client.delete(path_of(dataset)).status_code == 403
        assert api.get(path_of(dataset)).status_code == 200


def test_a_site_decides_what_a_pid_may_be(tmp_path: Path) -> None:
    with minicat(tmp_path, pid_pattern=UUID4) as (catalogue, _), catalogue.login() as api:
        assert api.post("/v4/datasets", raw_v4()).status_code == 201
        refused = api.post("/v4/datasets", raw_v4(pid="20.500.12345/1"))
        assert refused.status_code == 400
        assert "pid" in str(refused.json()["message"])


def test_a_site_decides_how_large_a_body_may_be(tmp_path: Path) -> None:
    with minicat(tmp_path, body_limit=1000) as (catalogue, _), catalogue.login() as api:
        assert _size_allowed(api, 100)
        assert not _size_allowed(api, 2000)


def _size_allowed(api: Api, size: int) -> bool:
    status = api.post("/v4/datasets", raw_v4(description="x" * size)).status_code
    assert status in (201, 500)
    return status == 201
