"""记录仪的公共入口。Other modules write and read the record only through these names."""

from quanze.base.audit.actions import action_label, action_labels, register_action, register_actions
from quanze.base.audit.door import current_door, through_door
from quanze.base.audit.selectors import AccessView, FactPage, FactView, accesses, facts, history_of
from quanze.base.audit.services import Change, access, record, record_many
from quanze.core.subject import SubjectRef

__all__ = [
    "AccessView",
    "Change",
    "FactPage",
    "FactView",
    "SubjectRef",
    "access",
    "accesses",
    "action_label",
    "action_labels",
    "current_door",
    "facts",
    "history_of",
    "record",
    "record_many",
    "register_action",
    "register_actions",
    "through_door",
]
