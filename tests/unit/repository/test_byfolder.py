"""Two processes run the tests, and each service of a part is started by one of them."""

import pytest

from support.byfolder import scope


@pytest.mark.parametrize(
    ("test", "shared"),
    [
        ("tests/integration/scicow/kafka/test_run.py::test_a[x/y]", "tests/integration/scicow"),
        ("tests/integration/scicow/outbox/test_office.py::test_b", "tests/integration/scicow"),
        ("tests/integration/scidog/test_device.py::test_c", "tests/integration/scidog"),
        ("tests/unit/scicow/work/test_retry.py::test_d", "tests/unit/scicow/work/test_retry.py"),
        ("tests/contract/test_filters.py::test_e", "tests/contract/test_filters.py"),
    ],
)
def test_the_integration_tests_of_a_part_stay_together(test: str, shared: str) -> None:
    assert scope(test) == shared
