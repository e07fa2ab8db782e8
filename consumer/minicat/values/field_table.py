"""The table of SciCat's fields: names, types and requiredness; tests/support/scicat/derive_table.py makes it.

A type is written ``string``, ``number``, ``boolean``, ``object``, ``time``, ``email``, ``url`` or the name of
a record; ``[]`` after it means a list, ``[1]`` a list that must not be empty, and a ``!`` at the end a field
that must be there.
"""

import json
from functools import cache
from importlib.resources import files

Fields = dict[str, str]
Table = dict[str, Fields]


@cache
def field_table() -> Table:
    """Return the table that is shipped with minicat."""
    text = files("minicat.values").joinpath("fields.json").read_text(encoding="utf-8")
    table: Table = json.loads(text)["records"]
    return table
