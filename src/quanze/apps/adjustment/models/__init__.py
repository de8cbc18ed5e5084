"""动态调整的表，按内容分开。"""

from quanze.apps.adjustment.models.adjustments import Adjustment, AdjustmentAlarm, AdjustmentItem, AdjustmentPause
from quanze.apps.adjustment.models.campaigns import Campaign, CampaignTask, CampaignTrigger, TrainingSession
from quanze.apps.adjustment.models.dependants import DependantChange
from quanze.apps.adjustment.models.extracts import ExtractCheck, ExtractTrigger
from quanze.apps.adjustment.models.filings import Filing
from quanze.apps.adjustment.models.lineage import ItemLineage
from quanze.apps.adjustment.models.meetings import CommitteeMeeting, MeetingDocument, MeetingEntry, MeetingTopic
from quanze.apps.adjustment.models.office_templates import OfficeTemplate
from quanze.apps.adjustment.models.triggers import AdjustmentTrigger
from quanze.apps.adjustment.models.yearly import CatalogueCheck, YearlyCatalogue

__all__ = [
    "Adjustment",
    "AdjustmentAlarm",
    "AdjustmentItem",
    "AdjustmentPause",
    "AdjustmentTrigger",
    "Campaign",
    "CampaignTask",
    "CampaignTrigger",
    "CatalogueCheck",
    "CommitteeMeeting",
    "DependantChange",
    "ExtractCheck",
    "ExtractTrigger",
    "Filing",
    "ItemLineage",
    "MeetingDocument",
    "MeetingEntry",
    "MeetingTopic",
    "OfficeTemplate",
    "TrainingSession",
    "YearlyCatalogue",
]
