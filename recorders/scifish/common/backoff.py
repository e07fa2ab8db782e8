"""How long to wait before something that failed is tried again: longer each time, with a random part."""

import random
from collections.abc import Callable

# Not the module's own: processes that were forked from one would draw the same, and a program that seeds it
# (as Hypothesis does) would not get the same numbers twice.
draw_one = random.SystemRandom().random


def back_off(
    failures: int,
    *,
    first: float,
    longest: float,
    factor: float = 2.0,
    draw: Callable[[], float] = draw_one,
) -> float:
    """Return the seconds to wait after `failures` failures in a row (1 is the first).

    It grows from `first` by `factor` up to `longest`. Up to half of it is taken off at random, so that those
    who failed together do not come back together.
    """
    grown = min(longest, first * factor ** min(failures - 1, 64))
    return grown * (0.5 + draw() / 2)
