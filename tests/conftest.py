"""What holds for every test: programs that tests start obey the signals that tests send."""

import signal

import hypothesis
import pytest
from xdist.remote import Producer

from support.byfolder import ByFolder

# A shell's background job and nohup ignore these, and what they start would, too.
for one, handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
    (signal.SIGQUIT, signal.SIG_DFL),
):
    if signal.getsignal(one) is signal.SIG_IGN:
        signal.signal(one, handler)

# Another program may take any example more than the 200 ms that Hypothesis allows it.
hypothesis.settings.register_profile(
    "busy machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile(  # `make mutants`: the same examples each time, and none made smaller
    "mutants",
    hypothesis.settings.get_profile("busy machine"),
    derandomize=True,
    phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
)
hypothesis.settings.load_profile("busy machine")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer | None) -> ByFolder:
    return ByFolder(config, log)
