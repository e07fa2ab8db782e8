"""Configurations that are wrong in one place, for tests that look for the place in the refusal."""

import json
import random
from typing import Any

import yaml

from scidog.model.requests import Form

WRONG: tuple[tuple[str, Any], ...] = (
    ("budget", -1),
    ("budget", "much"),
    ("name", "a/b"),
    ("name", ""),
    ("description", ["x"]),
    ("items", "x"),
    ("items.{n}.attribute", "a b"),
    ("items.{n}.attribute", 5),
    ("items.{n}.when", "never"),
    ("items.{n}.mandatory", "perhaps"),
    ("items.{n}.mapping", {"5..1": "x"}),
    ("items.{n}.mapping", [1]),
    ("items.{n}.range", [2, 1]),
    ("items.{n}.range", [1]),
    ("items.{n}.unit", {"mm": 1}),
    ("items.{n}.colour", "red"),
    ("rules", "x"),
    ("rules.{r}.use", "a/b"),
    ("rules.{r}.macro", ""),
    ("rules.{r}.sample", ["x"]),
    ("rules.{r}.colour", "red"),
    ("dataset.keywords", 5),
    ("dataset.colour", "red"),
    ("colour", "red"),
)


def malformed(chance: random.Random) -> tuple[Form, str, str]:
    """Return a form, a text that is wrong in one place, and what the refusal must say of the place."""
    count = chance.randint(1, 6)
    number = chance.randrange(count)
    items = [{"attribute": f"a/b/c/{one}", "name": f"n{one}"} for one in range(count)]
    rules = [{"use": f"r{one}", "macro": "a*"} for one in range(chance.randint(1, 3))]
    document: dict[str, Any] = {
        "name": "night",
        "budget": 1,
        "items": items,
        "dataset": {"instrument": "x"},
        "rules": rules,
    }
    pattern, value = chance.choice(WRONG)
    place = pattern.format(n=number, r=chance.randrange(len(rules)))
    *folders, last = place.split(".")
    inner: Any = document
    for part in folders:
        inner = inner[int(part)] if isinstance(inner, list) else inner[part]
    inner[last] = value
    if chance.random() < 0.5:
        return "json", json.dumps(document), place
    text = yaml.safe_dump(document, sort_keys=False)
    if chance.random() < 0.3:  # no YAML at all
        lines = text.splitlines()
        at = chance.randrange(len(lines))
        lines[at] = "{" + lines[at]
        return "yaml", "\n".join(lines), "line "
    return "yaml", text, "line "
