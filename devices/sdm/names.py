"""Names that become directories: what is allowed, decided in one place. No name can leave its folder."""

import re
from datetime import datetime
from operator import index
from typing import SupportsIndex

from scifish.common.text_forms import form
from scifish.contract.message import BEAMLINE_PATTERN
from sdm.errors import NameRefused

PROPOSAL_PATTERN = form(
    r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$", "1 to 64 letters, digits, _ and -, such as 20260042"
)
VISIT_PATTERN = form(r"^[0-9]{8}([0-9]{2})?$", "the day, or day and hour, of its begin, such as 2026030108")
GROUP_PATTERN = form(
    r"^[A-Za-z0-9_][A-Za-z0-9_.@ -]{0,63}$",
    "1 to 64 letters, digits, blanks and _.@-, such as p42-group",
)
SAMPLE_PATTERN = r"^[A-Za-z0-9_][A-Za-z0-9_+=,@. -]*$"
CATEGORIES = ("visitors", "staff", "proprietary")
NOTHING = ("none", "null", "nan")
MAX_PART = 128
MAX_SAMPLE = 512


def check_category(name: str) -> str:
    """Return the category's directory; the old clients' `visitor` is `visitors`. Raises NameRefused."""
    category = "visitors" if name == "visitor" else name
    if category not in CATEGORIES:
        raise NameRefused(f"user type {name!r} is not known; use one of {', '.join(CATEGORIES)}")
    return category


def check_beamline(name: str) -> str:
    """Return the beamline's name in lower case if it may be a directory. Raises NameRefused."""
    lower = name.lower()
    if not re.fullmatch(BEAMLINE_PATTERN, lower):
        raise NameRefused(
            f"beamline {name!r:.80} is no beamline's name; use letters, digits, '-' and '_' only"
        )
    return lower


def check_proposal(name: str) -> str:
    """Return `name` if it may be a proposal's directory. Raises NameRefused."""
    if not re.fullmatch(PROPOSAL_PATTERN, name):
        raise NameRefused(
            f"proposal {name!r:.80} is no proposal id; use letters, digits, '-' and '_', such as 20260001"
        )
    return name


def proposal_name(given: object) -> str:
    """Return a proposal's id as clients give it: text or a whole number. Raises NameRefused.

    None is no proposal, and neither is its text: clients often write `str(number)`.
    """
    if isinstance(given, SupportsIndex) and not isinstance(given, bool) and index(given) > 0:
        return str(index(given))
    text = given.strip() if isinstance(given, str) else ""
    if not text or text.lower() in NOTHING:
        raise NameRefused(f"no proposal is given ({given!r:.80}); give its id, such as 20260001")
    return check_proposal(text)


def check_visit(name: str) -> str:
    """Return `name` if it is a visit: a real date as YYYYMMDD or YYYYMMDDHH. Raises NameRefused."""
    if re.fullmatch(VISIT_PATTERN, name) and _is_date(name):
        return name
    raise NameRefused(f"visit {name!r:.80} is no date; write YYYYMMDD or YYYYMMDDHH, such as 2026030108")


def check_sample(name: str) -> str:
    """Return `name` if it may be the sub-folders of raw; empty means none. Raises NameRefused.

    A `/` makes nested folders; every part stands for itself, so `..` and absolute paths are refused.
    """
    if not name:
        return name
    if len(name) > MAX_SAMPLE or not all(_is_sample_part(part) for part in name.split("/")):
        raise NameRefused(
            f"sample {name!r:.80} cannot be a folder; use letters, digits and '_+=,@.- ' (at most {MAX_PART} "
            "in a part, beginning with a letter or digit, no '..', no leading or closing '/' or blank)"
        )
    return name


def _is_sample_part(part: str) -> bool:
    return len(part) <= MAX_PART and part == part.strip() and bool(re.fullmatch(SAMPLE_PATTERN, part))


def _is_date(name: str) -> bool:
    try:
        datetime.strptime(name, "%Y%m%d%H" if len(name) == 10 else "%Y%m%d")  # noqa: DTZ007 - only checked
    except ValueError:
        return False
    return True
