"""`import sdm` is quick, silent, and loads no HTTP."""

import subprocess
import sys

PROGRAM = """
import sys, time
import pydantic, yaml
begin = time.process_time()
import sdm
print(time.process_time() - begin, [name for name in ("httpx", "tenacity", "tango") if name in sys.modules])
"""


def test_the_import_is_quick_and_silent() -> None:
    done = subprocess.run([sys.executable, "-W", "error", "-c", PROGRAM], capture_output=True, text=True)
    seconds, loaded = done.stdout.split(maxsplit=1)
    assert (loaded.strip(), done.stderr, done.returncode) == ("[]", "", 0)
    assert float(seconds) < 0.5
