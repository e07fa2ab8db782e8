"""minicat: a small catalogue that speaks SciCat's HTTP API, in one process over SQLite."""

from minicat.app import make_app
from minicat.errors import MinicatError
from minicat.settings import Settings, User, load_settings

__all__ = ["MinicatError", "Settings", "User", "load_settings", "make_app"]
