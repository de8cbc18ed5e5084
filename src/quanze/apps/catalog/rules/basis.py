"""依据 B307：引用没有落到条款。"""

from __future__ import annotations

import re
from collections.abc import Iterable

from quanze.apps.catalog.domain.items import BasisContent, ItemSnapshot
from quanze.apps.catalog.domain.naming import canonical_name
from quanze.apps.catalog.rules.base import CatalogItemRule, quoted
from quanze.apps.catalog.rules.examples import changed, listed
from quanze.apps.catalog.rules.subject import CheckedList
from quanze.core.lint import Example, Hit, Severity

# What counts as a place inside a document; "第412号" is a document number, not a place.
LOCATOR = re.compile(
    r"第\s*[零〇一二三四五六七八九十百千\d]+\s*(?:条|项|款|章|节|目)|附件|附表|附录|目录|序号|[（(][一二三四五六七八九十]+[)）]"
)
# A catalogue or a reply is cited as a whole: it has entries, not articles.
_CITED_WHOLE = re.compile(r"(?:目录|名录|清单|批复|复函)(?:[（(][^（()）]*[)）])*$")
_TITLE = re.compile(r"《([^《》]+)》")


class BasisWithoutLocator(CatalogItemRule):
    """引用依据没有落到条款。"""

    code = "B307"
    title = "引用依据没有落到条款"
    severity = Severity.WARNING
    meaning = "实施依据引用了法律法规，却没有写第几条。"
    reason = "只写法名等于没有写依据：法律修改时查不到受影响的事项，当事人也无从核对。"
    method = "逐条看拆出的依据：法规名之后没有第几条、第几项、附件或目录序号；同一法规另一处写了条款的不算，目录、清单、批复按整件引用不算，子项与主项依据相同的只提示主项。"
    remedy = "打开法规正文，补上条、款、项；附件中的写明附件与序号。"
    source = "编制规范：设定依据写至条、款、项、目"
    fields = ("bases", "basis_text")
    bad = Example(
        "只写了法规名称。",
        listed(changed(basis_text="依据《示例市观景平台管理条例》。", bases=(BasisContent("示例市观景平台管理条例"),))),
    )
    good = Example("写到第八条。", listed(changed()))

    def check_item(self, item: ItemSnapshot, subject: CheckedList) -> Iterable[Hit]:
        parent = subject.parent(item)
        if parent is not None and parent.content.basis_text == item.content.basis_text:
            return
        bare = _bare_laws(item.content.bases) if item.content.bases else _bare_text(item.content.basis_text)
        if bare:
            yield Hit(
                item.key,
                "bases",
                f"引用{quoted(f'《{law}》' for law in bare)}没有写明第几条",
                evidence="；".join(f"《{law}》" for law in bare),
                suggestion="请对照法规正文补上条、款、项。",
            )


def _bare_laws(bases: Iterable[BasisContent]) -> list[str]:
    located: set[str] = set()
    bare: dict[str, str] = {}
    for basis in bases:
        name = canonical_name(basis.law)
        if not name or _CITED_WHOLE.search(name):
            continue
        if basis.locator.strip() or LOCATOR.search(basis.quote):
            located.add(name)
        else:
            bare.setdefault(name, basis.law)
    return [law for name, law in bare.items() if name not in located]


def _bare_text(text: str) -> list[str]:
    if LOCATOR.search(text):
        return []
    return list(dict.fromkeys(_TITLE.findall(text)))[:1]
