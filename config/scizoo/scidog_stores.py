"""The command `scizoo scidog copy`."""

from pathlib import Path

from scidog.errors import SciDogError
from scidog.stores.copy_store import copy_store
from scidog.stores.open_store import is_mongodb, open_store
from scizoo.errors import ScizooError


def copy_stores(
    source: str, target: str, source_password: str | None = None, target_password: str | None = None
) -> str:
    """Copy all revisions; return what was done. Raises ScizooError."""
    for one in (source, target):
        if not is_mongodb(one) and not Path(one).is_dir():
            raise ScizooError(f"{one}: is no folder; name one, or mongodb://host/database")
    try:
        open_source = open_store(source, password_file=source_password or "")
        open_target = open_store(target, password_file=target_password or "")
        try:
            open_source.check()
            open_target.check()
            return str(copy_store(open_source.library.store, open_target.library.store))
        finally:
            open_source.close()
            open_target.close()
    except SciDogError as error:
        raise ScizooError(str(error)) from error
