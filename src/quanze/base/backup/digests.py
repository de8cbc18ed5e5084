"""总账：一处安装的全部内容归成几十行，两处是否相同一比便知。"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connections

from quanze.base.backup.snapshot import snapshot
from quanze.base.backup.stores import StoreDigest, store_digest, stores
from quanze.base.backup.tables import TableDigest, shapes, table_digest


@dataclass(frozen=True, slots=True)
class SystemDigest:
    """总账：各表、各文件夹、记录仪各本日志的封条。"""

    tables: dict[str, TableDigest]
    stores: dict[str, StoreDigest]
    record: dict[str, str]

    def lines(self) -> list[str]:
        """逐行的文字，次序固定。"""
        return [
            *(f"表 {name} 行数 {one.rows} 摘要 {one.digest}" for name, one in sorted(self.tables.items())),
            *(
                f"文件 {name} 个数 {one.files} 字节 {one.size} 摘要 {one.digest}"
                for name, one in sorted(self.stores.items())
            ),
            *(f"记录 {name} {head}" for name, head in sorted(self.record.items())),
        ]

    def differences(self, other: SystemDigest) -> list[str]:
        """两本总账中不同的行。"""
        return sorted(set(self.lines()) ^ set(other.lines()))


def system_digest(using: str = "default", *, with_stores: bool = True) -> SystemDigest:
    """此刻的总账。"""
    with snapshot(using):
        return SystemDigest(
            tables={shape.name: table_digest(using, shape) for shape in shapes(using)},
            stores={store.name: store_digest(store) for store in stores()} if with_stores else {},
            record=record_heads(using),
        )


def record_heads(using: str) -> dict[str, str]:
    """记录仪各本日志的末端：最后一个封条的序号与值，条数与末号。Read past the ORM, as stored."""
    found = {}
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT log, number, value FROM audit_seal s WHERE number = (SELECT MAX(number) FROM audit_seal WHERE log = s.log)"
        )
        for log, number, value in cursor.fetchall():
            found[log] = f"封条 {number} {value}"
        for log, table in (("fact", "audit_factrecord"), ("access", "audit_accessrecord")):
            cursor.execute(f"SELECT COUNT(*), MAX(id) FROM {table}")
            count, last = cursor.fetchone()
            found[log] = f"{count} 条 末号 {last or 0} {found.get(log, '尚无封条')}"
    return found
