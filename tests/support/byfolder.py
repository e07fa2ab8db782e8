"""How tests are shared out among pytest-xdist's workers."""

from xdist.scheduler import LoadScopeScheduling


class ByFolder(LoadScopeScheduling):
    """Gives one part's integration tests to one worker: they share a Tango database, a broker, an image."""

    def _split_scope(self, nodeid: str) -> str:
        parts = nodeid.split("::", maxsplit=1)[0].split("/")
        return "/".join(parts[:3] if parts[1] == "integration" else parts)
