"""Settings in a real Tango database: the free property SciFish, setting by setting."""

from collections.abc import Sequence

import pytest
import tango

from scifish.errors import SettingsError
from scifish.settings.lookup import TANGO_OBJECT, find_settings, settings_table


@pytest.fixture
def tango_database(tango_host: str, monkeypatch: pytest.MonkeyPatch) -> tango.Database:
    monkeypatch.setenv("TANGO_HOST", tango_host)
    monkeypatch.delenv("SCIFISH_CONFIG", raising=False)
    host, _, port = tango_host.partition(":")
    return tango.Database(host, int(port))


def test_the_free_property_is_read_setting_by_setting(tango_database: tango.Database) -> None:
    properties: dict[str, Sequence[str]] = {
        "beamline": ["bl09"],
        "kafka.bootstrap": ["k1:9092,k2:9092"],
        "kafka.options": ["sasl.username: bl09", "sasl.password: hunter2"],
        "outbox.wait": ["0.5"],
    }
    tango_database.put_property(TANGO_OBJECT, properties)
    try:
        found = find_settings()
        assert found.settings.beamline == "bl09"
        assert found.settings.kafka.bootstrap == "k1:9092,k2:9092"
        assert found.settings.kafka.options["sasl.password"] == "hunter2"
        assert found.settings.outbox.wait == 0.5
        assert found.settings.delivery == "kafka"
        rows = {name: (value, source) for name, value, source in settings_table(found)}
        assert rows["beamline"] == ("bl09", "Tango free property SciFish")
        assert rows["kafka.options.sasl.password"][0] == "********"
        assert rows["topic_prefix"][1] == "default"
    finally:
        tango_database.delete_property(TANGO_OBJECT, list(properties))


def test_a_wrong_one_is_named(tango_database: tango.Database) -> None:
    wrong: dict[str, Sequence[str]] = {"beamlin": ["x"]}
    tango_database.put_property(TANGO_OBJECT, wrong)
    try:
        with pytest.raises(SettingsError, match=r"Tango free property SciFish: unknown key 'beamlin'"):
            find_settings()
    finally:
        tango_database.delete_property(TANGO_OBJECT, ["beamlin"])


def test_none_means_defaults(tango_database: tango.Database) -> None:
    found = find_settings()
    assert {source for _, _, source in settings_table(found)} == {"default"}
    assert found.problems == ()
