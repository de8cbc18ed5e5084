"""记录仪的公共入口。Other modules write and read the record only through these names."""

from quanze.base.audit.actions import action_label, action_labels, register_action, register_actions
from quanze.base.audit.anchors import AnchorFileError, AnchorHead, AnchorView, anchor, anchor_path, anchors, last_anchor
from quanze.base.audit.seals import seal_pending
from quanze.base.audit.selectors import (
    AccessPage,
    AccessView,
    Contents,
    FactPage,
    FactView,
    SealState,
    accesses,
    fact,
    facts,
    history_of,
    seal_state,
)
from quanze.base.audit.services import Change, access, access_refused, record, record_many
from quanze.base.audit.verifications import (
    SealHeadView,
    VerificationView,
    last_seals,
    verification_keep,
    verifications,
)
from quanze.base.audit.verifying import Fault, LogReport, VerifyReport, verify
from quanze.core.door import current_door, through_door
from quanze.core.subject import SubjectRef

__all__ = [
    "AccessPage",
    "AccessView",
    "AnchorFileError",
    "AnchorHead",
    "AnchorView",
    "Change",
    "Contents",
    "FactPage",
    "FactView",
    "Fault",
    "LogReport",
    "SealHeadView",
    "SealState",
    "SubjectRef",
    "VerificationView",
    "VerifyReport",
    "access",
    "access_refused",
    "accesses",
    "action_label",
    "action_labels",
    "anchor",
    "anchor_path",
    "anchors",
    "current_door",
    "fact",
    "facts",
    "history_of",
    "last_anchor",
    "last_seals",
    "record",
    "record_many",
    "register_action",
    "register_actions",
    "seal_pending",
    "seal_state",
    "through_door",
    "verification_keep",
    "verifications",
    "verify",
]
