"""站内消息的公共入口。"""

from quanze.base.notices.selectors import NoticeView, notices_of, unread_count
from quanze.base.notices.services import notice_send, notices_mark_read

__all__ = ["NoticeView", "notice_send", "notices_mark_read", "notices_of", "unread_count"]
