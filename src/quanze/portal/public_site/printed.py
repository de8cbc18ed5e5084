"""线下公开的材料：公开栏与大厅的张贴页、发到村（社区）的手册、公众号推文稿。

All of them are made of the list in force and name its edition and digest: what hangs on the wall is what the site shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from quanze.apps.catalog import public as catalog
from quanze.base.documents.public import Block, Document, Heading, Paragraph, Poster, Table
from quanze.base.web.dates import zh_date
from quanze.portal.public_site.showing import ShownChange, withheld_words

FEW_CHANGES = 30


def poster(power_list: catalog.PublicList, *, on: date, address: str, hotline: str) -> Poster:
    """张贴页：清单有多少项、各类多少、扫码看全部。"""
    edition = power_list.edition
    counts = catalog.type_counts(on=on, list_ids=[power_list.list_id])
    figures = [(one.label, f"{counts[one.code]} 项") for one in catalog.power_types().types if counts.get(one.code)]
    return Poster(
        title=f"{power_list.body_name}权责清单",
        subtitle=f"{edition.document_number}　{zh_date(edition.valid_from)}起施行",
        lines=[
            f"本清单共 {power_list.items} 项{withheld_words(power_list.withheld)}，写明每一项权力的依据、由谁行使、承担什么责任。",
            "清单以外的事项，没有法律、法规、规章依据的，不得行使。",
        ],
        figures=figures,
        invitation="扫码查看全部事项",
        address=address,
        contact=f"监督电话 {hotline}" if hotline else "",
        version_line=version_line(edition),
        dated=edition.issued_on,
    )


def handbook(power_list: catalog.PublicList, contents: Sequence[catalog.VersionView], *, address: str) -> Document:
    """清单手册：按类型分章，每项写明依据、科室与监督电话。"""
    edition = power_list.edition
    blocks: list[Block] = [
        Paragraph(
            f"本手册收录{power_list.body_name}现行权责清单公开的全部事项，共 {power_list.items} 项{withheld_words(power_list.withheld)}。"
            f"清单由{edition.document_number}公布，自{zh_date(edition.valid_from)}起施行。"
        ),
        Paragraph(f"清单有变动的，以网上公布的为准：{address}"),
    ]
    for kind in catalog.power_types().types:
        rows = [one for one in contents if one.content.power_type == kind.code]
        if rows:
            blocks += [Heading(f"{kind.label}（{sum(not one.parent_id for one in rows)} 项）"), _table(rows)]
    rest = [one for one in contents if one.content.power_type not in catalog.power_types().by_code]
    if rest:
        blocks += [Heading("未分类"), _table(rest)]
    blocks.append(
        Paragraph(
            "对以上事项的行使有意见，或者发现手册有误的，可以拨打各项所列的监督电话，也可以在网上清单的事项页面“报告差错”。"
        )
    )
    return Document(
        title=f"{power_list.body_name}权责清单手册",
        blocks=blocks,
        dated=edition.issued_on,
        signature=power_list.body_name,
        document_no=edition.document_number,
        version=f"第 {edition.number} 版　清单摘要（{edition.digest_algorithm}）{edition.digest[:16]}",
    )


def _table(rows: Sequence[catalog.VersionView]) -> Table:
    return Table(
        header=("序号", "事项名称", "依据", "承办机构、监督电话"),
        rows=[
            (
                one.content.seq or str(number),
                ("　" if one.parent_id else "") + one.content.name,
                _bases(one),
                "\n".join(filter(None, (one.content.lead_division, one.content.hotline))) or "—",
            )
            for number, one in enumerate(rows, start=1)
        ],
        widths=(6, 28, 32, 20),
        aligns=("center", "left", "left", "left"),
    )


def _bases(view: catalog.VersionView) -> str:
    named = [f"《{basis.law}》{basis.locator}" for basis in view.content.bases if basis.law]
    if named:
        return "；".join(dict.fromkeys(named))
    text = view.content.basis_text.strip()
    return f"{text[:60]}……" if len(text) > 60 else text or "—"


def article(recent: catalog.RecentEdition, changes: Sequence[ShownChange], *, body_name: str, address: str) -> str:
    """公众号推文稿：标题、导语、改了什么、到哪里看；纯文字，复制即用。"""
    edition = recent.edition
    told = "勘误" if edition.is_correction else ("首次公布" if edition.number == 1 else "有调整")
    lines = [
        f"{body_name}权责清单{told}（{edition.document_number}）",
        "",
        f"{body_name}权责清单第 {edition.number} 版已于{zh_date(edition.issued_on)}公布，"
        f"自{zh_date(edition.valid_from)}起施行，现有事项 {edition.items} 项"
        f"{f'，其中 {recent.withheld} 项变动依法不公开' if recent.withheld else ''}。",
    ]
    if edition.number > 1 and changes:
        lines += ["", f"这一版改动 {recent.total} 项："]
        for number, shown in enumerate(changes[:FEW_CHANGES], start=1):
            what = "、".join(field.label for field in shown.fields)
            lines.append(
                f"{number}. {shown.change.action_label}“{shown.change.name}”" + (f"（{what}）" if what else "")
            )
        if recent.total > FEW_CHANGES:
            lines.append(f"……其余 {recent.total - FEW_CHANGES} 项请看网上清单。")
    lines += [
        "",
        f"查看全部事项：{address}",
        f"（第 {edition.number} 版，摘要 {edition.digest_algorithm} {edition.digest[:16]}）",
    ]
    return "\n".join(lines)


def version_line(edition: catalog.EditionView) -> str:
    """版本行：文号、版次、日期、摘要。"""
    return (
        f"{edition.document_number}　第 {edition.number} 版　{zh_date(edition.issued_on)}公布　"
        f"摘要（{edition.digest_algorithm}）{edition.digest}"
    )
