"""How a member of SciCow's group joins it: all members must agree on the assignment."""

from typing import Any

from scicow.kafka.settings import KafkaSettings


def member_options(settings: KafkaSettings) -> dict[str, Any]:
    """Return the options of librdkafka for a consumer of the group that commits by itself."""
    return {
        "group.id": settings.group,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "earliest",  # the first message of a new beamline is included
        "partition.assignment.strategy": "cooperative-sticky",
        "session.timeout.ms": int(settings.session_timeout * 1000),
        "heartbeat.interval.ms": int(settings.session_timeout * 1000 / 5),
        "max.poll.interval.ms": int(settings.max_poll_interval * 1000),
        "queued.max.messages.kbytes": settings.buffer_bytes // 1000,
        "fetch.queue.backoff.ms": 100,
        **settings.client(),
    }
