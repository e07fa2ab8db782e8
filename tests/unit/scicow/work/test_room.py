"""What MongoDB cannot hold is no message to be sent again and again."""

from typing import Any

import pytest

from scicow.errors import MessageUnfit
from scicow.scicat.document_size import check_room
from scicow.work.error_policy import decide


def quantities(count: int) -> dict[str, Any]:
    return {f"item {one:06}": {"value": one + 0.123, "unit": "mm"} for one in range(count)}


def test_quantities_that_take_more_than_16_mb_are_a_dead_letter_at_once() -> None:
    with pytest.raises(MessageUnfit, match="stores each quantity twice") as raised:
        check_room({"scientificMetadata": quantities(200_000)}, 8_900_000)
    assert decide(raised.value).kind == "dead"


def test_what_has_room_is_sent() -> None:
    check_room({"scientificMetadata": quantities(100_000)}, 4_400_000)


def test_what_is_small_is_not_looked_into() -> None:
    check_room(object(), 800_000)
