"""The command `python -m sdm.simulator` by its old name."""

import sys

from sdm.testing.simulator import main

if __name__ == "__main__":
    print("sdm.simulator: write python -m sdm.testing.simulator; this name goes", file=sys.stderr)  # noqa: T201 - a command
    main()
