"""Secrets come from a file or the environment, and no error shows one."""

from pathlib import Path

import pytest

from sdm import OfficeRefused
from sdm.offices.http import read_secret

VARIABLE = "SDM_TEST_TOKEN"


def test_a_file_goes_before_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "from-environment")
    (tmp_path / "token").write_text("from-file\n", encoding="utf-8")
    assert read_secret("token", tmp_path / "token", VARIABLE) == "from-file"
    assert read_secret("token", None, VARIABLE) == "from-environment"


@pytest.mark.parametrize(
    "content", [b"", b" \n", b"a\nsecret", b"se\x00cret", "secrét".encode(), b"\xff\xfesecret"]
)
def test_what_no_header_can_carry_is_refused_without_showing_it(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "token").write_bytes(content)
    with pytest.raises(OfficeRefused) as caught:
        read_secret("token", tmp_path / "token", VARIABLE)
    assert str(tmp_path / "token") in str(caught.value)
    assert "secr" not in str(caught.value).replace(str(tmp_path), "")


def test_a_password_may_have_spaces_and_any_letters(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("ein süßes Geheimnis\n", encoding="utf-8")
    assert read_secret("password", tmp_path / "password", VARIABLE, header=False) == "ein süßes Geheimnis"


def test_a_missing_secret_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(OfficeRefused, match=r"no token: \$SDM_TEST_TOKEN is empty"):
        read_secret("token", None, VARIABLE)
    with pytest.raises(OfficeRefused, match="cannot be read"):
        read_secret("token", tmp_path / "none", VARIABLE)
