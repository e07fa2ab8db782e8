"""Sardana's PreScanSnapshot as items: names of this Tango database stand without it."""

import pytest

from scidog.errors import EditError
from scidog.exchange.prescan_snapshot import items_of


def test_names_of_this_database_stand_without_it() -> None:
    found = items_of(
        [
            ("tango://db.example:10000/motor/ctrl/1", "mot01"),
            ("tango://DB.example:10000/a/b/c/d", "d"),
            ("tango://other:10000/a/b/c/d", ""),
            ("mot02/velocity", "speed"),
        ],
        "db.example:10000",
    )
    assert [(item.attribute, item.name) for item in found] == [
        ("motor/ctrl/1", "mot01"),
        ("a/b/c/d", "d"),
        ("tango://other:10000/a/b/c/d", None),
        ("mot02/velocity", "speed"),
    ]


def test_what_is_no_name_is_told() -> None:
    with pytest.raises(EditError, match="'a b' is no name of an attribute; see: lssnap"):
        items_of([("a b", "x")], "db:1")
