import pytest

from minicat.errors import ApiError
from minicat.rules.accounts import Accounts
from minicat.rules.permissions import ANONYMOUS
from minicat.settings import Settings
from minicat.store import DocumentStore
from support.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(settings: Settings, store: DocumentStore, clock: Clock) -> Accounts:
    return Accounts(settings, store, clock)


def test_a_token_stands_for_its_account_until_it_ends(accounts: Accounts, clock: Clock) -> None:
    answer = accounts.login("ada", "word")
    header = f"Bearer {answer['access_token']}"
    assert accounts.account(header).groups == {"g1"}
    clock.now += answer["ttl"] - 1
    assert accounts.account(header).username == "ada"
    clock.now += 1
    assert accounts.account(header) == ANONYMOUS  # SciCat tells nobody that a token has ended


def test_tokens_live_on_in_the_database(settings: Settings, store: DocumentStore, clock: Clock) -> None:
    token = Accounts(settings, store, clock).login("ada", "word")["access_token"]
    assert Accounts(settings, store, clock).account(f"Bearer {token}").username == "ada"


def test_a_logged_out_token_is_useless(accounts: Accounts) -> None:
    header = f"Bearer {accounts.login('ada', 'word')['access_token']}"
    accounts.logout(header)
    assert accounts.account(header) == ANONYMOUS


@pytest.mark.parametrize(
    ("username", "password"), [("ada", "right"), ("eve", "word"), (None, None), (1, []), ("ada", "wörd")]
)
def test_a_wrong_login_is_refused(accounts: Accounts, username: object, password: object) -> None:
    with pytest.raises(ApiError) as caught:
        accounts.login(username, password)
    assert caught.value.status == 401


def test_minted_tokens_live_as_long_as_asked(accounts: Accounts, clock: Clock) -> None:
    short, long = accounts.mint("ada", "2h"), accounts.mint("ada", "never")
    clock.now += 7200
    assert accounts.account(f"Bearer {short}") == ANONYMOUS
    clock.now += 1e9
    assert accounts.account(f"Bearer {long}").username == "ada"


@pytest.mark.parametrize(
    ("identifier", "expires"), [("eve", "never"), ("ada", "soon"), ("ada", "-1h"), ("ada", {})]
)
def test_a_wrong_wish_for_a_token_is_told(accounts: Accounts, identifier: str, expires: object) -> None:
    with pytest.raises(ApiError):
        accounts.mint(identifier, expires)
