"""What SciCow makes of a broker that answers nothing."""

from concurrent.futures import Future
from typing import Any

import pytest
from confluent_kafka import KafkaException

from scicow.kafka import topics


def test_an_answer_that_does_not_come_is_kafkas_error_too() -> None:
    """Else it would pass by all that turn Kafka's errors into SciCow's."""
    silent: Future[Any] = Future()
    with pytest.raises(KafkaException, match="_TIMED_OUT"):
        topics.result(silent, 0.01)
