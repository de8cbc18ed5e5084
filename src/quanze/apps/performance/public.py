"""行权运行的公开接口：评估、督办与门户只从这里进入。"""

from quanze.apps.performance.domain.explanations import EXPLANATION_FLOW
from quanze.apps.performance.domain.mappings import FIELD_LABELS, OUTCOME_LABELS
from quanze.apps.performance.domain.special_cases import SPECIAL_CASE_LABELS, ItemFlag, SpecialCase, Thresholds
from quanze.apps.performance.domain.warnings import WARNING_FLOW, WARNING_KIND_LABELS, WARNING_LEVEL_LABELS
from quanze.apps.performance.selectors.explanations import ExplanationView, explanations, flagged_without_explanation
from quanze.apps.performance.selectors.figures import body_run_figures
from quanze.apps.performance.selectors.runs import (
    BodyRunFigures,
    ItemFigures,
    ItemsCounted,
    items_counted,
    special_cases,
    thresholds,
)
from quanze.apps.performance.selectors.warnings import RiskWarningView, warnings
from quanze.apps.performance.services.counting import month_counts_save
from quanze.apps.performance.services.explaining import explanation_decide, explanations_open
from quanze.apps.performance.services.ingest import (
    HeldGroup,
    ImportPreview,
    ImportReport,
    events_import,
    events_preview,
    events_record,
)
from quanze.apps.performance.services.verifying import quarantine_decide, quarantine_recheck
from quanze.apps.performance.services.warning import WarningRun, warning_decide, warnings_raise
from quanze.warehouse.public import EventRow, MartStatus, mart_status, refresh_marts

LIFECYCLES = (EXPLANATION_FLOW, WARNING_FLOW)

__all__ = [
    "FIELD_LABELS",
    "LIFECYCLES",
    "OUTCOME_LABELS",
    "SPECIAL_CASE_LABELS",
    "WARNING_KIND_LABELS",
    "WARNING_LEVEL_LABELS",
    "BodyRunFigures",
    "EventRow",
    "ExplanationView",
    "HeldGroup",
    "ImportPreview",
    "ImportReport",
    "ItemFigures",
    "ItemFlag",
    "ItemsCounted",
    "MartStatus",
    "RiskWarningView",
    "SpecialCase",
    "Thresholds",
    "WarningRun",
    "body_run_figures",
    "events_import",
    "events_preview",
    "events_record",
    "explanation_decide",
    "explanations",
    "explanations_open",
    "flagged_without_explanation",
    "items_counted",
    "mart_status",
    "month_counts_save",
    "quarantine_decide",
    "quarantine_recheck",
    "refresh_marts",
    "special_cases",
    "thresholds",
    "warning_decide",
    "warnings",
    "warnings_raise",
]
