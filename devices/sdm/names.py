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
# What Windows takes for a device in every folder, also with an extension: programs there write to ours.
WINDOWS_DEVICES = frozenset(
    ("con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10)))
)


def check_category(name: str) -> str:
    """Return the category's directory; the old clients' `visitor` is `visitors`. Raises NameRefused."""
    category = "visitors" if name == "visitor" else name
    if category not in CATEGORIES:
        raise NameRefused(f"user type {name!r} is not known; use one of {', '.join(CATEGORIES)}")
    return category


def check_beamline(name: str) -> str:
    """Return the beamline's name in lower case if it may be a directory. Raises NameRefused."""
    lower = name.lower()
    if not re.fullmatch(BEAMLINE_PATTERN, lower) or _windows_trouble(lower):
        raise NameRefused(
            f"beamline {name!r:.80} is no beamline's name; use letters, digits, '-' and '_' only"
            f"{_windows_words(name)}"
        )
    return lower


def check_proposal(name: str) -> str:
    """Return `name` if it may be a proposal's directory. Raises NameRefused."""
    if not re.fullmatch(PROPOSAL_PATTERN, name) or _windows_trouble(name):
        raise NameRefused(
            f"proposal {name!r:.80} is no proposal id; use letters, digits, '-' and '_', such as 20260001"
            f"{_windows_words(name)}"
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

    A `/` makes nested folders, and the sample has the whole name, `a/b`; every part stands for itself, so
    `..` and absolute paths are refused.
    """
    if not name:
        return name
    wrong = next((part for part in name.split("/") if not is_folder_name(part)), None)
    if wrong is not None or len(name) > MAX_SAMPLE:
        raise NameRefused(
            f"sample {name!r:.80} cannot be a folder; use letters, digits and '_+=,@.- ' (at most {MAX_PART} "
            "in a part, beginning with A-Z, a-z, 0-9 or '_', no '..', no leading or closing '/' or "
            f"blank, no closing dot){_windows_words(wrong or '')}"
        )
    return name


def is_folder_name(part: str) -> bool:
    """Tell whether a name may be one folder, here and on Windows."""
    allowed = len(part) <= MAX_PART and part == part.strip() and bool(re.fullmatch(SAMPLE_PATTERN, part))
    return allowed and not part.endswith(".") and not _windows_trouble(part)


def _windows_trouble(part: str) -> bool:
    """Tell whether Windows takes the name for a device: `NUL`, `nul.txt`, `NUL .txt`."""
    return part.split(".", maxsplit=1)[0].rstrip().lower() in WINDOWS_DEVICES


def _windows_words(part: str) -> str:
    return f"; {part!r:.80} is a device on Windows" if _windows_trouble(part) else ""


def _is_date(name: str) -> bool:
    try:
        datetime.strptime(name, "%Y%m%d%H" if len(name) == 10 else "%Y%m%d")  # noqa: DTZ007 - only checked
    except ValueError:
        return False
    return True
