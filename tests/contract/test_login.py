from support.scicat.catalogue import Api, Catalogue


def test_a_login_is_created_with_a_token_and_its_life(catalogue: Catalogue) -> None:
    username, password = catalogue.passwords["admin"]
    with catalogue.client() as client:
        response = client.post("/v3/auth/login", json={"username": username, "password": password})
    assert response.status_code == 201
    answer = response.json()
    assert {"access_token", "id", "expires_in", "ttl", "created", "userId", "user"} <= answer.keys()
    assert answer["expires_in"] > 0
    assert answer["user"]["username"]


def test_a_wrong_password_is_refused(catalogue: Catalogue) -> None:
    with catalogue.client() as client:
        response = client.post("/v3/auth/login", json={"username": "admin", "password": "no such password"})
    assert response.status_code == 401
    assert response.json()["statusCode"] == 401


def test_an_administrator_mints_a_token_that_lives_on(catalogue: Catalogue, api: Api) -> None:
    username, password = catalogue.passwords["admin"]
    login = api.client.post("/v3/auth/login", json={"username": username, "password": password}).json()
    minted = api.post(f"/v3/users/{login['userId']}/jwt", {"expiresIn": "never"})
    assert minted.status_code == 201
    with catalogue.client() as client:
        headers = {"Authorization": f"Bearer {minted.json()['jwt']}"}
        assert client.get("/v3/datasets/count", headers=headers).status_code == 200


def test_the_identity_tells_the_groups(api: Api) -> None:
    profile = api.get("/v3/users/my/identity").json()["profile"]
    assert profile["accessGroups"]


def test_health_answers_without_a_login(catalogue: Catalogue) -> None:
    with catalogue.client() as client:
        assert client.get("/v3/health").json()["status"] == "ok"


def test_a_page_of_another_origin_may_ask(catalogue: Catalogue) -> None:
    asked = {"Origin": "http://page.example.org", "Access-Control-Request-Method": "PATCH"}
    with catalogue.client() as client:
        answer = client.options("/v3/datasets", headers=asked)
    assert answer.ok
    assert answer.headers["Access-Control-Allow-Origin"] in ("*", asked["Origin"])
