"""Headers of instruments' files as other ways of parsing give them: nothing here is of SciFly."""

import configparser
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

Regions = list[dict[str, str]]


def ses_text(path: Path) -> Regions:
    """Return the regions of a text of SES, by configparser: all lines but those of data."""
    lines: list[str] = []
    in_data = False
    for line in path.read_text(encoding="latin-1").splitlines():
        if line.startswith("["):
            in_data = line.startswith("[Data")
        if not in_data and (line.startswith("[") or "=" in line):
            lines.append(line)
    parser = _ini("\n".join(lines))
    count = int(parser["Info"]["Number of Regions"])
    there = [n for n in range(1, count + 1) if f"Info {n}" in parser]
    return [dict(parser[f"Region {n}"]) | dict(parser[f"Info {n}"]) for n in there]


def specs_xy(path: Path) -> Regions:
    """Return the regions of an export of Prodigy, by a regular expression."""
    text = path.read_text(encoding="latin-1")
    regions: Regions = []
    for part in re.split(r"^# Region:", text, flags=re.MULTILINE)[1:]:
        head = re.split(r"^# (?:Cycle|Channel|Parameter)\b", part, maxsplit=1, flags=re.MULTILINE)[0]
        found = dict(re.findall(r"^# ([^:#]+?):[ \t]*([^\r\n]*?)[ \t]*$", head, flags=re.MULTILINE))
        regions.append({"Region": head.splitlines()[0].strip(), **found})
    return regions


def specslab_xml(path: Path) -> Regions:
    """Return the regions of a document of SpecsLab 2, by ElementTree."""
    regions: Regions = []
    for region in ElementTree.parse(path).iter("struct"):
        if region.get("type_name") != "RegionData":
            continue
        found = {"Region": region.findtext("string[@name='name']", "")}
        for leaf in region.findall("struct[@type_name='RegionDef']/*"):
            if leaf.tag not in ("struct", "sequence", "array", "any") and (leaf.text or "").strip():
                found[leaf.get("name", "")] = (leaf.text or "").strip()
        regions.append(found)
    return regions


def _ini(text: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False, delimiters=("=",), comment_prefixes=())
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # keys keep their letters
    parser.read_string(text)
    return parser


def scales(region: dict[str, str]) -> dict[str, Any]:
    """Return the first and the last of each scale of a text of SES."""
    found: dict[str, Any] = {}
    for name, text in region.items():
        if match := re.fullmatch(r"(Dimension \d) scale", name):
            numbers = [float(one) for one in text.split()]
            found |= {f"{match[1]} first": numbers[0], f"{match[1]} last": numbers[-1]}
    return found
