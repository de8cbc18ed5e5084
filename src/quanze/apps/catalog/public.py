"""权责清单的公开接口：其他能力只从这里进入。"""

from quanze.apps.catalog.domain.attention import AttentionSource, register_attention_source
from quanze.apps.catalog.domain.base_lists import BASE_LIST, LIST_TYPE_LABELS, POWER_LIST
from quanze.apps.catalog.domain.drafts import FieldChange, changes, readable
from quanze.apps.catalog.domain.events import SubmissionMoved, on_submission_moved
from quanze.apps.catalog.domain.fields import FIELDS
from quanze.apps.catalog.domain.guides import GuideContent, GuideMaterial, GuideStep
from quanze.apps.catalog.domain.item_events import EVENT_KINDS, ItemEvent
from quanze.apps.catalog.domain.item_events import seen as events_seen
from quanze.apps.catalog.domain.items import (
    CONTENT_LABELS,
    NODE_KIND_LABELS,
    AssistContent,
    BasisContent,
    DutyContent,
    ItemContent,
)
from quanze.apps.catalog.domain.lifecycles import ENTRY_ACTIONS, LIFECYCLES
from quanze.apps.catalog.domain.list_types import FIELD_KINDS, TIGHTEN_RULES
from quanze.apps.catalog.domain.mandate_coverage import suggest
from quanze.apps.catalog.selectors.briefs import (
    ItemBrief,
    ending_reasons,
    item_briefs,
    item_briefs_by_codes,
    published_briefs,
)
from quanze.apps.catalog.selectors.channel_states import ChannelState, channel_states
from quanze.apps.catalog.selectors.dependants import Dependant, ItemState, dependants_of, item_states
from quanze.apps.catalog.selectors.derived import DerivedListView, derived_lists
from quanze.apps.catalog.selectors.derived_disclosure import (
    PublicDerivedList,
    PublicEntry,
    public_derived_list,
    public_derived_lists,
    public_entries,
    withheld_entries,
)
from quanze.apps.catalog.selectors.disclosing import TaskView as DisclosureTaskView
from quanze.apps.catalog.selectors.disclosing import channel_coverage
from quanze.apps.catalog.selectors.disclosing import tasks_of as disclosure_tasks
from quanze.apps.catalog.selectors.disclosure import (
    EditionView,
    PublicItem,
    PublicList,
    PublishedChange,
    edition,
    editions,
    hotline_of,
    list_contents,
    public_item,
    public_items,
    public_list,
    public_lists,
    public_names,
    public_versions,
    published_changes,
    type_counts,
    version_periods,
)
from quanze.apps.catalog.selectors.entry_dependants import entry_versions_in_force
from quanze.apps.catalog.selectors.entry_lists import EntryRow, entry_rows
from quanze.apps.catalog.selectors.first_issues import FirstIssue, first_issues
from quanze.apps.catalog.selectors.guides import GuideView, public_guide
from quanze.apps.catalog.selectors.item_events import item_events
from quanze.apps.catalog.selectors.item_facts import ItemFact, item_facts, item_facts_by_codes
from quanze.apps.catalog.selectors.item_lists import ItemRow, search_items
from quanze.apps.catalog.selectors.limits import ItemLimit, item_limits_by_codes
from quanze.apps.catalog.selectors.list_facts import ListFact, list_facts
from quanze.apps.catalog.selectors.list_types import list_types
from quanze.apps.catalog.selectors.lists import (
    ListView,
    VersionView,
    list_view,
    lists,
    versions_by_ids,
)
from quanze.apps.catalog.selectors.mandate_links import ListCoverage, list_coverage
from quanze.apps.catalog.selectors.nondisclosure_grounds import grounds as nondisclosure_grounds
from quanze.apps.catalog.selectors.nondisclosures import (
    NonDisclosureView,
    marks_of_item,
    nondisclosure,
    nondisclosures,
)
from quanze.apps.catalog.selectors.recent_editions import RecentEdition, recent_edition, recent_editions
from quanze.apps.catalog.selectors.report_status import ReportStatus, report_status
from quanze.apps.catalog.selectors.reports import ReportView, reports
from quanze.apps.catalog.selectors.submissions import EntryView, SubmissionView, reviews_submission, submission_view
from quanze.apps.catalog.selectors.withheld import withheld_counts, withheld_seal
from quanze.apps.catalog.selectors.workbook import list_sheet
from quanze.apps.catalog.services.binding import base_bind, base_claim, base_unbind
from quanze.apps.catalog.services.checking import check_body
from quanze.apps.catalog.services.derived_submitting import (
    derived_submission_decide,
    derived_submission_resubmit,
    derived_submission_submit,
    derived_submission_withdraw,
)
from quanze.apps.catalog.services.deriving import derived_apply, derived_propose, drift_count
from quanze.apps.catalog.services.disclosing import disclosure_excuse, disclosure_report, handbook_deliver
from quanze.apps.catalog.services.drafting import (
    NewItem,
    draft_discard,
    draft_save,
    draft_start,
    ending_clear,
    ending_mark,
    item_create,
    items_assign,
    items_create,
    list_create,
)
from quanze.apps.catalog.services.entries import (
    NewEntry,
    Reference,
    derived_list_create,
    entries_create,
    entry_discard,
    entry_revise,
    entry_save,
)
from quanze.apps.catalog.services.entry_syncing import (
    Seen,
    entries_confirm_unaffected,
    entries_end,
    entries_refresh,
    entry_confirm_unaffected,
    entry_end,
    entry_refresh,
)
from quanze.apps.catalog.services.file_checking import CheckReport, check_reading
from quanze.apps.catalog.services.findings import findings_recheck, fix_apply, waiver_grant
from quanze.apps.catalog.services.guiding import guide_publish, guide_start
from quanze.apps.catalog.services.importing import import_upload
from quanze.apps.catalog.services.mandate_linking import items_link, links_confirm, links_end
from quanze.apps.catalog.services.nondisclosing import nondisclosure_decide, nondisclosure_propose
from quanze.apps.catalog.services.packs import power_types
from quanze.apps.catalog.services.publishing import correction_publish
from quanze.apps.catalog.services.quality import ItemQuality, ListQuality, list_qualities
from quanze.apps.catalog.services.reference import rule_reference_pages, write_rule_reference
from quanze.apps.catalog.services.reporting import report_answer, report_receive
from quanze.apps.catalog.services.submitting import (
    submission_decide,
    submission_resubmit,
    submission_submit,
    submission_withdraw,
)
from quanze.apps.catalog.services.taking_back import Origin, Receiving, item_take_back
from quanze.apps.catalog.services.transferring import Progress as TransferProgress
from quanze.apps.catalog.services.transferring import Transferred, items_transfer

__all__ = [
    "BASE_LIST",
    "CONTENT_LABELS",
    "ENTRY_ACTIONS",
    "EVENT_KINDS",
    "FIELDS",
    "FIELD_KINDS",
    "LIFECYCLES",
    "LIST_TYPE_LABELS",
    "NODE_KIND_LABELS",
    "POWER_LIST",
    "TIGHTEN_RULES",
    "AssistContent",
    "AttentionSource",
    "BasisContent",
    "ChannelState",
    "CheckReport",
    "Dependant",
    "DerivedListView",
    "DisclosureTaskView",
    "DutyContent",
    "EditionView",
    "EntryRow",
    "EntryView",
    "FieldChange",
    "FirstIssue",
    "GuideContent",
    "GuideMaterial",
    "GuideStep",
    "GuideView",
    "ItemBrief",
    "ItemContent",
    "ItemEvent",
    "ItemFact",
    "ItemLimit",
    "ItemQuality",
    "ItemRow",
    "ItemState",
    "ListCoverage",
    "ListFact",
    "ListQuality",
    "ListView",
    "NewEntry",
    "NewItem",
    "NonDisclosureView",
    "Origin",
    "PublicDerivedList",
    "PublicEntry",
    "PublicItem",
    "PublicList",
    "PublishedChange",
    "Receiving",
    "RecentEdition",
    "Reference",
    "ReportStatus",
    "ReportView",
    "Seen",
    "SubmissionMoved",
    "SubmissionView",
    "TransferProgress",
    "Transferred",
    "VersionView",
    "base_bind",
    "base_claim",
    "base_unbind",
    "changes",
    "channel_coverage",
    "channel_states",
    "check_body",
    "check_reading",
    "correction_publish",
    "dependants_of",
    "derived_apply",
    "derived_list_create",
    "derived_lists",
    "derived_propose",
    "derived_submission_decide",
    "derived_submission_resubmit",
    "derived_submission_submit",
    "derived_submission_withdraw",
    "disclosure_excuse",
    "disclosure_report",
    "disclosure_tasks",
    "draft_discard",
    "draft_save",
    "draft_start",
    "drift_count",
    "edition",
    "editions",
    "ending_clear",
    "ending_mark",
    "ending_reasons",
    "entries_confirm_unaffected",
    "entries_create",
    "entries_end",
    "entries_refresh",
    "entry_confirm_unaffected",
    "entry_discard",
    "entry_end",
    "entry_refresh",
    "entry_revise",
    "entry_rows",
    "entry_save",
    "entry_versions_in_force",
    "events_seen",
    "findings_recheck",
    "first_issues",
    "fix_apply",
    "guide_publish",
    "guide_start",
    "handbook_deliver",
    "hotline_of",
    "import_upload",
    "item_briefs",
    "item_briefs_by_codes",
    "item_create",
    "item_events",
    "item_facts",
    "item_facts_by_codes",
    "item_limits_by_codes",
    "item_states",
    "item_take_back",
    "items_assign",
    "items_create",
    "items_link",
    "items_transfer",
    "links_confirm",
    "links_end",
    "list_contents",
    "list_coverage",
    "list_create",
    "list_facts",
    "list_qualities",
    "list_sheet",
    "list_types",
    "list_view",
    "lists",
    "marks_of_item",
    "nondisclosure",
    "nondisclosure_decide",
    "nondisclosure_grounds",
    "nondisclosure_propose",
    "nondisclosures",
    "on_submission_moved",
    "power_types",
    "public_derived_list",
    "public_derived_lists",
    "public_entries",
    "public_guide",
    "public_item",
    "public_items",
    "public_list",
    "public_lists",
    "public_names",
    "public_versions",
    "published_briefs",
    "published_changes",
    "readable",
    "recent_edition",
    "recent_editions",
    "register_attention_source",
    "report_answer",
    "report_receive",
    "report_status",
    "reports",
    "reviews_submission",
    "rule_reference_pages",
    "search_items",
    "submission_decide",
    "submission_resubmit",
    "submission_submit",
    "submission_view",
    "submission_withdraw",
    "suggest",
    "type_counts",
    "version_periods",
    "versions_by_ids",
    "waiver_grant",
    "withheld_counts",
    "withheld_entries",
    "withheld_seal",
    "write_rule_reference",
]
