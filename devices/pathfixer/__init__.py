"""PathFixer: the Tango device that knows proposal, visit, sample and path."""

from pathfixer.device import PathFixer

__all__ = ["PathFixer"]
