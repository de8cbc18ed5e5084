"""探看站外链接的公共入口。"""

from quanze.base.links.addresses import is_allowed, is_public, parse
from quanze.base.links.probing import DEAD, NOT_ASKED, OUTCOMES, Answer, probe

__all__ = ["DEAD", "NOT_ASKED", "OUTCOMES", "Answer", "is_allowed", "is_public", "parse", "probe"]
