"""Finds attributes with SciDog for spock: for the macro `scicat_search`, and for Tab behind `scicat_add`."""

import json
from collections.abc import Sequence
from typing import Any

from scifish.beamline.beamline_device import BeamlineDevice
from scifish.common.text_forms import counted
from scifish.runtime import runtime

SHOWN = 20  # hits of a search
MOST_COMPLETIONS = 200
LONGEST_ABOUT = 60  # characters of a description


def search(words: Sequence[str]) -> list[str]:
    """Find attributes of all devices by these words, and how each is added."""
    query = " ".join(words)
    found = _searched(query, SHOWN)
    index, hits = found["index"], found["hits"]
    more = found["total"] - len(hits)
    return [
        f"{counted(found['total'], 'attribute matches', 'attributes match')} {query!r}"
        + ("" if hits else "; write less, or another word"),
        *([] if index["complete"] else [f"not all are known yet: {_known(index)}"]),
        *([f"problem: {index['problem']}"] if index["problem"] else []),
        *(f"  {_shown_hit(one)}" for one in hits),
        *([f"and {more} more: write another word"] if more else []),
    ]


def attributes_from(typed: str) -> list[str]:
    """Return names of attributes that begin with what is typed. Raises SciFishError."""
    hits = _searched(typed, MOST_COMPLETIONS)["hits"] if typed else []
    full = (f"{one['device']}/{one['attribute']}" for one in hits if one["attribute"])
    names = [one["item"] for one in hits if one["item"]]
    return [one for one in dict.fromkeys((*names, *full)) if one.lower().startswith(typed.lower())]


def _searched(query: str, limit: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        BeamlineDevice("SciDog", runtime().settings.scidog).call(
            "Search", json.dumps({"query": query, "limit": limit})
        )
    )
    return found


def _known(index: dict[str, Any]) -> str:
    return f"{index['asked']} of {counted(index['running'], 'device')} have been asked; try again in a moment"


def _shown_hit(one: dict[str, Any]) -> str:
    """Return what `scicat_add` takes, the unit, what it is, and whether its device runs."""
    if one["item"] is None:
        return f"{one['device']}: its attributes are not known ({one['state']})"
    about = one["label"] if one["label"] != one["attribute"] else " ".join(one["description"].split())
    unit = f" [{one['unit']}]" if one["unit"] else ""
    state = "" if one["state"] == "running" else f" ({one['state']})"
    return f"{one['item']}{unit}{f' {about[:LONGEST_ABOUT]}' if about else ''}{state}"
