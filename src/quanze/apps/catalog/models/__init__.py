"""权责清单的表，按内容分开。``lock_version`` is what a page saw."""

from quanze.apps.catalog.models.base_merges import BaseMerge, BaseOmission
from quanze.apps.catalog.models.channels import DisclosureTask, HandbookDelivery
from quanze.apps.catalog.models.derived import (
    DerivedEdition,
    DerivedEntry,
    DerivedEntryVersion,
    DerivedList,
    DerivedSubmission,
    DriftCount,
    EntryReference,
    ListAlignment,
    ReferenceConfirmation,
    TakingBack,
)
from quanze.apps.catalog.models.drift import DriftFinding
from quanze.apps.catalog.models.editions import ErrorReport, ListEdition, PublishRecord
from quanze.apps.catalog.models.entry_imports import EntryImport
from quanze.apps.catalog.models.findings import FindingWaiver, StoredFinding
from quanze.apps.catalog.models.guides import PlainGuide
from quanze.apps.catalog.models.imports import ListImport
from quanze.apps.catalog.models.items import (
    AccountabilityCase,
    AssistDivision,
    ItemEnding,
    ItemVersion,
    LegalBasis,
    PowerItem,
    Responsibility,
    SourceCell,
)
from quanze.apps.catalog.models.links import LinkCheck
from quanze.apps.catalog.models.lists import BaseBinding, PowerList
from quanze.apps.catalog.models.mandate_links import MandateLink
from quanze.apps.catalog.models.nondisclosure import NonDisclosure
from quanze.apps.catalog.models.submissions import Submission, SubmissionItem

__all__ = [
    "AccountabilityCase",
    "AssistDivision",
    "BaseBinding",
    "BaseMerge",
    "BaseOmission",
    "DerivedEdition",
    "DerivedEntry",
    "DerivedEntryVersion",
    "DerivedList",
    "DerivedSubmission",
    "DisclosureTask",
    "DriftCount",
    "DriftFinding",
    "EntryImport",
    "EntryReference",
    "ErrorReport",
    "FindingWaiver",
    "HandbookDelivery",
    "ItemEnding",
    "ItemVersion",
    "LegalBasis",
    "LinkCheck",
    "ListAlignment",
    "ListEdition",
    "ListImport",
    "MandateLink",
    "NonDisclosure",
    "PlainGuide",
    "PowerItem",
    "PowerList",
    "PublishRecord",
    "ReferenceConfirmation",
    "Responsibility",
    "SourceCell",
    "StoredFinding",
    "Submission",
    "SubmissionItem",
    "TakingBack",
]
