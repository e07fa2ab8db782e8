"""1,000,000 damaged messages through reading, mapping and the decision: none may stop SciCow.

    python bench/bench_scicow_fuzz.py [--quick] [--messages 1000000] [--seed 1]

A message is damaged in its bytes (flipped, cut, doubled, of another encoding) or in its document (a member
removed, replaced by any other value, renamed, nested deeply). What is still a message is mapped to a dataset
as the ingest does before its first request. Each must end as a dataset or with a verdict, and no verdict may
be "defect of SciCow". tests/integration/scicow sends such messages through a broker.
"""

import argparse
import json
import random
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from support.scicow.fuzz import damaged, outcome, samples


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="20,000 messages")
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    count = 20_000 if chosen.quick else chosen.messages
    draw, originals = random.Random(chosen.seed), samples()
    ends: Counter[str] = Counter()
    defects: list[str] = []
    begun = time.monotonic()
    for _ in range(count):
        body = damaged(draw.choice(originals), draw)
        end, reason = outcome(body)
        ends[end] += 1
        if end == "dead" and reason.startswith("defect"):
            defects.append(f"{reason}: {body[:200]!r}")
    seconds = time.monotonic() - begun
    told = f"{json.dumps(dict(ends))}, {len(defects)} defects, {count / seconds:.0f} messages/s"
    print("| figure | goal | measured | met |\n|---|---|---|---|")
    print(f"| {count} damaged messages | none stops it, 0 defects | {told} | {'no' if defects else 'yes'} |")
    for defect in defects[:20]:
        print(f"- {defect}")
    sys.exit(1 if defects else 0)


if __name__ == "__main__":
    main()
