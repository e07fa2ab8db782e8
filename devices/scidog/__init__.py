"""SciDog: the only authority for what is recorded with every scan."""

from scidog.errors import SciDogError
from scidog.folder_store import FolderStore
from scidog.reference import Reference
from scidog.rules import Authority, Published
from scidog.store import Store

__all__ = ["Authority", "FolderStore", "Published", "Reference", "SciDogError", "Store"]
