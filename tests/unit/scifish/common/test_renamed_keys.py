"""Settings that were renamed: the former key is taken with a warning, for one release."""

import logging

import pytest
from pydantic import BaseModel, ConfigDict, Field

from scifish.common.yaml_model import parse
from scifish.errors import SettingsError


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")

    token_file: str = ""
    batch: int = Field(default=1, json_schema_extra={"formerly": "fold"})


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    workers: Inner | None = Field(default=None, json_schema_extra={"formerly": "lanes"})


def test_a_former_key_is_taken_with_one_warning_each(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        read = parse(Outer, {"lanes": {"fold": 5, "tokenFile": "a"}}, "x.yaml")
    assert read.workers == Inner(batch=5, token_file="a")
    tail = "; change it, the old name ends with the next release"
    assert caplog.messages == [
        f"x.yaml: lanes is called workers now{tail}",
        f"x.yaml: workers.fold is called workers.batch now{tail}",
        f"x.yaml: workers.tokenFile is called workers.token_file now{tail}",
    ]


def test_the_present_key_is_taken_silently(caplog: pytest.LogCaptureFixture) -> None:
    assert parse(Outer, {"workers": {"batch": 5}}, "x.yaml").workers == Inner(batch=5)
    assert caplog.messages == []


def test_both_names_at_once_are_refused() -> None:
    with pytest.raises(
        SettingsError, match=r"^x\.yaml: workers\.fold is the former name of workers\.batch; remove one$"
    ):
        parse(Outer, {"workers": {"fold": 5, "batch": 5}}, "x.yaml")


def test_an_unknown_key_in_camel_case_is_still_unknown() -> None:
    with pytest.raises(SettingsError, match=r"unknown key 'workers\.tokkenFile'"):
        parse(Outer, {"workers": {"tokkenFile": "a"}}, "x.yaml")
