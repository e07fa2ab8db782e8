"""Topics that keep dead letters until they are acknowledged, whatever the broker's defaults."""

from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any

from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ConfigSource,
    ResourceType,
)

LASTING = {"retention.ms": "-1", "retention.bytes": "-1"}
COMPACTED = {"cleanup.policy": "compact", **LASTING}
# What is acknowledged leaves the broker's disk after an hour or so; the default may be never. Hosted brokers
# do not take every value: then theirs count.
SOON = {"max.compaction.lag.ms": "3600000", "min.cleanable.dirty.ratio": "0.01"}
Told = dict[ConfigResource, "Future[Any]"]


def ask(admin: AdminClient, topics: Iterable[str], timeout: float) -> Told:
    """Ask for the configuration of topics, all at once."""
    return admin.describe_configs([_of(topic) for topic in topics], request_timeout=timeout)


def lacking(config: dict[str, ConfigEntry]) -> dict[str, str]:
    """Return what a topic's configuration leaves to the broker and should not.

    So it is with a topic that the broker made by itself, because a dead letter came just when it was deleted.
    What an administrator has set stays.
    """
    return {
        name: value
        for name, value in LASTING.items()
        if (entry := config.get(name)) is not None
        and entry.value != value
        and ConfigSource(entry.source) != ConfigSource.DYNAMIC_TOPIC_CONFIG  # the client gives its number
    }


def change(admin: AdminClient, topic: str, config: dict[str, str], timeout: float) -> "Future[Any]":
    """Set this of a topic's configuration, and leave the rest."""
    entries = [
        ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
        for name, value in config.items()
    ]
    resource = _of(topic, entries)
    return admin.incremental_alter_configs([resource], request_timeout=timeout)[resource]


def _of(topic: str, entries: list[ConfigEntry] | None = None) -> ConfigResource:
    return ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries)
