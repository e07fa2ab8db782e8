"""Run a command that dies with its parent: `python launch.py PARENT-PID COMMAND ARGUMENTS…`.

Linux sends the signal when the *thread* that started the process ends, also after kill -9 of the parent; it
holds across the exec. Only the standard library is imported, so that it starts in milliseconds.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask for SIGKILL at the parent's death, then become the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the line above
        raise SystemExit(1)
    try:
        os.execvp(command[0], command)  # noqa: S606 - no shell is wanted
    except OSError as error:
        raise SystemExit(f"{command[0]}: cannot be run ({error.strerror})") from error


if __name__ == "__main__":
    main()
