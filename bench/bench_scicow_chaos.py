"""SciCow in chaos: kills, broker restarts, a failing catalogue, expiring tokens, repeated messages.

    python bench/bench_scicow_chaos.py [--quick] [--datasets 10000] [--seed 1] [--share 0.02]

The catalogue is minicat, or the SciCat that SCICAT_URL, SCICAT_USER and SCICAT_PASSWORD name.
"""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from support.scicow import chaos


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="500 datasets")
    parser.add_argument("--datasets", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=0.02, help="part of the requests that fail")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        count = 500 if chosen.quick else chosen.datasets
        result = chaos.run(Path(name), count, seed=chosen.seed, share=chosen.share)
    print("| figure | goal | measured | met |\n|---|---|---|---|")
    print(f"| chaos | 0 lost, 0 doubled | {result.told()} | {'yes' if result.clean else 'NO'} |")
    for pid in (*result.lost, *result.different, *result.doubled_blocks):
        print(f"- {pid}")
    sys.exit(0 if result.clean else 1)


if __name__ == "__main__":
    main()
