"""sdm: the user office and the data directories. Its import is quick and silent and connects to nothing."""

from sdm import storage
from sdm.errors import (
    CategoryRefused,
    NameRefused,
    OfficeForbidden,
    OfficeGarbled,
    OfficeMissing,
    OfficeRefused,
    OfficeUnavailable,
    RootNotMounted,
    SdmError,
    StorageError,
)
from sdm.offices.cached import CachedProposals
from sdm.offices.open import open_proposals
from sdm.offices.protocol import Found, Proposals, ProposalSource
from sdm.proposal import Person, Proposal, Visit
from sdm.settings import ProposalsSettings, SdmSettings, StorageSettings, load_settings
from sdm.storage import Storage, Visitor
from sdm.useroffice import SDM
from sdm.validity import Answer, may_be_here, valid_here_now

__all__ = [
    "SDM",
    "Answer",
    "CachedProposals",
    "CategoryRefused",
    "Found",
    "NameRefused",
    "OfficeForbidden",
    "OfficeGarbled",
    "OfficeMissing",
    "OfficeRefused",
    "OfficeUnavailable",
    "Person",
    "Proposal",
    "ProposalSource",
    "Proposals",
    "ProposalsSettings",
    "RootNotMounted",
    "SdmError",
    "SdmSettings",
    "Storage",
    "StorageError",
    "StorageSettings",
    "Visit",
    "Visitor",
    "load_settings",
    "may_be_here",
    "open_proposals",
    "storage",
    "valid_here_now",
]
