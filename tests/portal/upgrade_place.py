"""建一处旧版的安装：每个能力只有它的第一批迁移，记录里有 N 行。用法：upgrade_place.py N"""

from __future__ import annotations

import sys

import django


def main(rows: int) -> None:
    django.setup()
    from django.db import connection, transaction
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    nodes = executor.loader.graph.nodes
    first = [node for node in nodes if node[1].startswith("0001_") and "quanze" in type(nodes[node]).__module__]
    executor.migrate([*first, ("audit", "0002_insert_only")])
    values = [
        (n, "2026-01-01 00:00:00", "2026-01-01 00:00:00", "files.file.stored", None, "王芳", None, "", "", "", "file")  # noqa: RUF005
        + (str(n), f"第{n}份", None, "", "", "", "cli", "")
        for n in range(1, rows + 1)
    ]
    columns = "id,at,recorded_at,action,actor_user_id,actor_name,actor_body_id,actor_body_name,actor_post,actor_roles,"
    columns += "subject_kind,subject_id,subject_label,body_id,before,after,reason,source,request_id"
    marks = ",".join(["%s"] * 19)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO audit_factrecord ({columns}) VALUES ({marks})", values)


if __name__ == "__main__":
    main(int(sys.argv[1]))
