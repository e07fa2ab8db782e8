"""SciDog: the only authority for what is recorded with every scan."""

from scidog.errors import SciDogError
from scidog.model.reference import Reference
from scidog.published import Published
from scidog.rules import Authority
from scidog.stores.folder_store import FolderStore
from scidog.stores.library import Library
from scidog.stores.store import Store

__all__ = ["Authority", "FolderStore", "Library", "Published", "Reference", "SciDogError", "Store"]
