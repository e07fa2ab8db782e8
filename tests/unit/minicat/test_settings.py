from pathlib import Path

import pytest

from minicat.settings import PASSWORD_VARIABLE, Settings, load_settings, with_admin
from scifish.errors import SettingsError


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tokenLifetim: 1", "did you mean 'token_lifetime'"),
        ("token_lifetime: 0", "token_lifetime"),
        ("pid_pattern: '['", "no regular expression"),
        ("users: [{username: a}]", "password' is missing"),
        ("users: [{username: a, password: b}, {username: a, password: c}]", "'a' is there twice"),
        ("body_limit: many", "body_limit"),
    ],
)
def test_a_wrong_setting_is_told_in_one_line(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "minicat.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=told) as caught:
        load_settings(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_passwords_are_not_shown(settings: Settings) -> None:
    assert "right" not in repr(settings)


def test_without_accounts_there_is_an_administrator() -> None:
    settings, password = with_admin(Settings(), {})
    (admin,) = settings.users
    assert admin.username == "admin"
    assert set(admin.groups) == settings.admin_groups
    assert admin.password.get_secret_value() == password


def test_the_administrators_password_comes_from_the_environment() -> None:
    settings, shown = with_admin(Settings(), {PASSWORD_VARIABLE: "chosen"})
    assert settings.users[0].password.get_secret_value() == "chosen"
    assert shown is None


def test_accounts_of_the_settings_are_all(settings: Settings) -> None:
    assert with_admin(settings, {PASSWORD_VARIABLE: "chosen"}) == (settings, None)
