"""What the files of one acquisition say in the instrument's own names, as one."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

Groups = Mapping[str, Mapping[str, Any]]
_REGION = "Region "
_NUMBERED = re.compile(r".* \d+")
_NAMES = ("Region Name", "Spectrum Name", "Spectrum", "Region")  # of a region, by program
_WHEN = ("Date", "Time")  # SES: two regions of one acquisition may have one name


def merged_own(members: Sequence[Mapping[str, Groups]]) -> dict[str, dict[str, Any]]:
    """Return the groups by instrument.

    The file that says most counts, such as SES's text of all regions; to it come the regions that only other
    files have, such as waves of one region each, and their groups without a number.
    """
    found: dict[str, dict[str, Any]] = {}
    for instrument in {name: None for member in members for name in member}:
        groups = [member[instrument] for member in members if instrument in member]
        groups.sort(key=_size, reverse=True)
        found[instrument] = dict(groups[0])
        for more in groups[1:]:
            _add(found[instrument], more)
    return found


def _add(found: dict[str, Any], more: Groups) -> None:
    known = [_who(group) for name, group in found.items() if name.startswith(_REGION)]
    for name, group in more.items():
        if name.startswith(_REGION):
            who = _who(group)
            if who[0] and who not in known:
                known.append(who)
                found[f"{_REGION}{len(known)}"] = group
        elif not _NUMBERED.fullmatch(name):
            found.setdefault(name, group)


def _who(region: Mapping[str, Any]) -> tuple[str, ...]:
    name = next((str(region[key]) for key in _NAMES if region.get(key)), "")
    return name, *(str(region.get(key, "")) for key in _WHEN)


def _size(groups: Groups) -> int:
    return sum(map(len, groups.values()))
