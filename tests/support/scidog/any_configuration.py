"""Any configuration, for property-based tests."""

from typing import Any

from hypothesis import strategies as st

from scifish.contract.configuration import Configuration
from scifish.contract.scan_rules.scan_rule import FACTS

WORDS = st.text(st.characters(codec="utf-8"), max_size=12)
PART = st.text(
    st.characters(codec="utf-8", exclude_categories=("Z", "C"), exclude_characters="/#:@"),
    min_size=1,
    max_size=6,
)
ATTRIBUTES = st.one_of(
    PART,
    st.builds("/".join, st.lists(PART, min_size=4, max_size=4)),
    st.builds("/".join, st.lists(PART, min_size=2, max_size=2)),
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
KEYS = st.one_of(
    WORDS.filter(lambda text: ".." not in text),
    st.integers().map(str),
    st.tuples(NUMBERS, NUMBERS).map(lambda pair: f"{min(pair)!r}..{max(pair)!r}"),
)
NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,20}", fullmatch=True).map(str)
GLOBS = WORDS.filter(bool)
RULES = st.fixed_dictionaries(
    {"use": NAMES | st.builds("{}@{}".format, NAMES, st.integers(0, 999))},
    optional=dict.fromkeys(FACTS, GLOBS),
)
RANGES = st.tuples(st.none() | NUMBERS, st.none() | NUMBERS).map(
    lambda pair: sorted(pair) if None not in pair else pair  # type: ignore[type-var]
)


@st.composite
def items(draw: Any) -> dict[str, Any]:
    item: dict[str, Any] = {"attribute": draw(ATTRIBUTES)}
    kinds: dict[str, Any] = {
        "group": WORDS,
        "name": WORDS,
        "unit": WORDS,
        "when": st.sampled_from(["begin", "end", "both"]),
        "mapping": st.dictionaries(KEYS, WORDS, max_size=3),
        "mandatory": st.booleans(),
        "range": RANGES,
        "tag": WORDS,
    }
    for key, values in kinds.items():
        if draw(st.booleans()):
            item[key] = draw(values)
    return item


@st.composite
def configurations(draw: Any) -> Configuration:
    dataset = {"keywords": draw(st.lists(WORDS, max_size=2)), "instrument": draw(st.none() | WORDS)}
    return Configuration.model_validate(
        {
            "name": draw(NAMES),
            "description": draw(WORDS),
            "budget": draw(st.floats(min_value=0.001, max_value=10)),
            "items": draw(st.lists(items(), max_size=4)),
            "dataset": dataset,
            "rules": draw(st.lists(RULES, max_size=3)),
        }
    )
