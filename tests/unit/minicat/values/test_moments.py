import pytest

from minicat.values.times import canonical, javascript_date, unmodified_since


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-01", "2026-03-01T00:00:00.000Z"),
        ("2026-03-01T09:30", "2026-03-01T09:30:00.000Z"),
        ("2026-03-01 09:30:00,5", "2026-03-01T09:30:00.500Z"),
        ("2026-03-01T09:30:00.1256Z", "2026-03-01T09:30:00.125Z"),
        ("2026-03-01T09:30:00-0130", "2026-03-01T11:00:00.000Z"),
        ("2026-02-30", None),
        ("2026-03-01T09:30:00+99:99", None),
        ("0001-01-01T00:00:00+01:00", None),
        ("20260301", None),
        ("", None),
    ],
)
def test_iso_times(text: str, utc: str | None) -> None:
    assert canonical(text) == utc


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("scan 1", "2001-01-01T00:00:00.000Z"),
        ("ALS-12345", "12345-01-01T00:00:00.000Z"),
        ("Ag_0001", "2001-01-01T00:00:00.000Z"),
        ("3/4/2026", "2026-03-04T00:00:00.000Z"),
        ("scan 40", "2040-01-01T00:00:00.000Z"),
        ("scan 13", None),
        ("20260001", None),
        ("300000", None),
        ("scan 1 of sample", None),
        ("no number", None),
    ],
)
def test_what_javascript_takes_for_a_date(text: str, utc: str | None) -> None:
    assert javascript_date(text) == utc


@pytest.mark.parametrize(
    ("header", "utc"),
    [
        ("Sun, 01 Mar 2026 09:30:00 GMT", "2026-03-01T09:30:00.000Z"),
        ("2026-03-01T09:30:00.125Z", "2026-03-01T09:30:00.125Z"),
        ("soon", None),
        ("Sun, 99 Mar 2026 09:30:00 GMT", None),
    ],
)
def test_the_header_that_guards_a_change(header: str, utc: str | None) -> None:
    assert unmodified_since(header) == utc
