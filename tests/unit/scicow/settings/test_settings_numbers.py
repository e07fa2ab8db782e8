"""Numbers that no thread and no calendar can keep are refused, each with its key."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from scicow.settings.model import SciCowSettings, load
from scifish.errors import SettingsError
from support.settingnames import leaves

FLOATS = [name for name, field in leaves(SciCowSettings) if field.annotation in (float, float | None)]


def refused(folder: Path, name: str, value: float) -> str:
    """Return what is said of a number."""
    document: dict[str, Any] = {}
    section = document
    *above, key = name.split(".")
    for one in above:
        section = section.setdefault(one, {})
    section[key] = value
    path = folder / "scicow.yaml"
    path.write_text(yaml.safe_dump(document))
    with pytest.raises(SettingsError) as caught:
        load(path, {})
    return str(caught.value)


def test_there_are_such_settings() -> None:
    assert {"scicat.timeout", "quarantine.recheck", "proposals.duo.timeout", "retry.factor"} <= set(FLOATS)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
@pytest.mark.parametrize("name", FLOATS)
def test_a_number_without_an_end_is_refused(tmp_path: Path, name: str, value: float) -> None:
    assert f"{name}: " in refused(tmp_path, name, value)


@pytest.mark.parametrize("name", FLOATS)
def test_a_huge_number_is_refused(tmp_path: Path, name: str) -> None:
    assert f"{name}: " in refused(tmp_path, name, 1e18)
