"""How tests are shared out among pytest-xdist's workers."""

from xdist.scheduler import LoadScopeScheduling


class ByFolder(LoadScopeScheduling):
    """Gives one part's integration tests to one worker: they share a Tango database, a broker, an image.

    The folders within a part (tests/integration/scicow/kafka and its likes) stay together, too.
    """

    def _split_scope(self, nodeid: str) -> str:
        return scope(nodeid)


def scope(nodeid: str) -> str:
    """Return what a test shares one worker with: its part's folder, or, of other tests, its file."""
    parts = nodeid.split("::", maxsplit=1)[0].split("/")
    return "/".join(parts[:3] if parts[1] == "integration" else parts)
