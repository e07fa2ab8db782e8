"""Programs with mounts of their own, which nobody else sees and which vanish with the program."""

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]


def run_with_mounts(program: str, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Run a Python program in a new mount namespace, as root in it: it may `mount` and `umount`.

    It may import `support`, too.
    """
    own = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    command = ["unshare", "--mount", *own, sys.executable, "-W", "error", "-c", program, *arguments]
    env = {**os.environ, "PYTHONPATH": str(TESTS)}
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=env)
