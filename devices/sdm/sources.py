"""The kinds of user office that `proposals.source` may name: ours, and those of other packages."""

from importlib.metadata import EntryPoint

from scifish.common.plugins import plugins

GROUP = "scizoo.proposal_sources"
OWN = {
    "file": "sdm.offices.file:SOURCE",
    "duo": "sdm.offices.duo:SOURCE",
    "scicat": "sdm.offices.scicat:SOURCE",
}


def proposal_sources() -> dict[str, EntryPoint]:
    """Return the sources by name, none of them loaded. Raises PluginError when two have one name."""
    return plugins(GROUP, OWN)
