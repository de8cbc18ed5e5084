"""动态调整的公开接口：其他能力只从这里进入。"""

from quanze.apps.adjustment.domain.lifecycles import LIFECYCLES
from quanze.apps.adjustment.selectors.adjustments import (
    AdjustmentRow,
    AdjustmentView,
    LagReport,
    adjustment_view,
    adjustments,
    dependants_for,
    lag_report,
    open_adjustments_of,
)
from quanze.apps.adjustment.selectors.campaigns import TaskRow, campaign_tasks
from quanze.apps.adjustment.selectors.item_events import item_events
from quanze.apps.adjustment.selectors.lineage import Descent, descents_of, successors_of
from quanze.apps.adjustment.selectors.meetings import candidates as meeting_candidates
from quanze.apps.adjustment.selectors.yearly import checks_of as catalogue_checks
from quanze.apps.adjustment.services.alarming import alarms_raise
from quanze.apps.adjustment.services.applying import adjustment_apply
from quanze.apps.adjustment.services.campaigning import (
    campaign_close,
    campaign_draft,
    campaign_start,
    task_settle,
    tasks_assign,
    triggers_link,
)
from quanze.apps.adjustment.services.convening import material_make, meeting_convene
from quanze.apps.adjustment.services.extracting import extract_check, extract_open
from quanze.apps.adjustment.services.filing import filing_accept, filing_make
from quanze.apps.adjustment.services.merging import Merged, lists_merge
from quanze.apps.adjustment.services.planning import candidate_reject, declare_unaffected, item_add, item_plan
from quanze.apps.adjustment.services.settling import dependant_settle
from quanze.apps.adjustment.services.templating import sample as template_sample
from quanze.apps.adjustment.services.templating import template_fill, template_upload
from quanze.apps.adjustment.services.training import session_record
from quanze.apps.adjustment.services.triggering import trigger_open
from quanze.apps.adjustment.services.yearly import (
    catalogue_check,
    catalogue_determine,
    catalogue_draft,
    catalogue_issue,
    catalogue_send,
)

__all__ = [
    "LIFECYCLES",
    "AdjustmentRow",
    "AdjustmentView",
    "Descent",
    "LagReport",
    "Merged",
    "TaskRow",
    "adjustment_apply",
    "adjustment_view",
    "adjustments",
    "alarms_raise",
    "campaign_close",
    "campaign_draft",
    "campaign_start",
    "campaign_tasks",
    "candidate_reject",
    "catalogue_check",
    "catalogue_checks",
    "catalogue_determine",
    "catalogue_draft",
    "catalogue_issue",
    "catalogue_send",
    "declare_unaffected",
    "dependant_settle",
    "dependants_for",
    "descents_of",
    "extract_check",
    "extract_open",
    "filing_accept",
    "filing_make",
    "item_add",
    "item_events",
    "item_plan",
    "lag_report",
    "lists_merge",
    "material_make",
    "meeting_candidates",
    "meeting_convene",
    "open_adjustments_of",
    "session_record",
    "successors_of",
    "task_settle",
    "tasks_assign",
    "template_fill",
    "template_sample",
    "template_upload",
    "trigger_open",
    "triggers_link",
]
