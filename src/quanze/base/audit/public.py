"""记录仪的公共入口。Other modules write and read the record only through these names."""

from quanze.base.audit.actions import action_label, action_labels, register_action, register_actions
from quanze.base.audit.anchors import AnchorHead, AnchorView, anchor, last_anchor
from quanze.base.audit.seals import seal_pending
from quanze.base.audit.selectors import AccessView, FactPage, FactView, accesses, facts, history_of
from quanze.base.audit.services import Change, access, record, record_many
from quanze.base.audit.verifying import Fault, LogReport, VerifyReport, verify
from quanze.core.door import current_door, through_door
from quanze.core.subject import SubjectRef

__all__ = [
    "AccessView",
    "AnchorHead",
    "AnchorView",
    "Change",
    "FactPage",
    "FactView",
    "Fault",
    "LogReport",
    "SubjectRef",
    "VerifyReport",
    "access",
    "accesses",
    "action_label",
    "action_labels",
    "anchor",
    "current_door",
    "facts",
    "history_of",
    "last_anchor",
    "record",
    "record_many",
    "register_action",
    "register_actions",
    "seal_pending",
    "through_door",
    "verify",
]
