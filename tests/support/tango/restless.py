"""A Tango server of ours that calls another device again and again, and waits a minute for its answer.

argv[1] is the other device's name, empty: none.
"""

import sys

import tango

from scifish.tango_client.threads import tango_threads
from tangobase.server import serve
from tangobase.starting_device import StartingDevice

WAITS = 60_000  # ms


class Restless(StartingDevice):
    PASSING = ()

    def init_device(self) -> None:
        self._begin()
        if OTHER:
            tango_threads.start(call_for_ever, "calls")


def call_for_ever() -> None:
    proxy = tango.DeviceProxy(OTHER)
    proxy.set_timeout_millis(WAITS)
    while True:
        proxy.ping()


if __name__ == "__main__":
    OTHER = sys.argv.pop(1)
    serve(Restless)
