"""Each package of the page has its reason."""

import json
import re

from support.wheel import ROOT

SOURCES = ROOT / "web/scanlog"


def test_each_package_has_its_reason() -> None:
    given = json.loads((SOURCES / "package.json").read_text(encoding="utf-8"))
    lines = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", (SOURCES / "README.md").read_text(encoding="utf-8"), re.M)
    reasoned = {name for line in lines for name in line.split(", ")}
    assert {*given["dependencies"], *given["devDependencies"]} <= reasoned
