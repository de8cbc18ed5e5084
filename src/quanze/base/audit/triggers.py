"""数据库触发器：从任何一道门修改、删除、清空记录都被拒绝。

Tests that empty tables, and restores from a backup, drop the triggers as schema owner and put them back; nothing else.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

# Table → what makes a row the same row.
_KEYS = {"audit_factrecord": ("id",), "audit_accessrecord": ("id",), "audit_seal": ("log", "number")}
TABLES = tuple(_KEYS)
_MESSAGE = "审计记录只能新增，不能修改或删除"


def create_triggers(connection: BaseDatabaseWrapper) -> None:
    """建立触发器。"""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{_MESSAGE}'; END $$"
            )
        for table in TABLES:
            for statement in _statements(connection.vendor, table):
                cursor.execute(statement)


def drop_triggers(connection: BaseDatabaseWrapper) -> None:
    """撤下触发器。For the schema owner only: restores, and tests that empty the tables."""
    with connection.cursor() as cursor:
        for table in TABLES:
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_insert_only ON {table}")
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_update")
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_delete")
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_replace")


def _statements(vendor: str, table: str) -> list[str]:
    if vendor == "postgresql":
        return [
            f"CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
        ]
    if vendor == "sqlite":
        same = " AND ".join(f"{column} = NEW.{column}" for column in _KEYS[table])
        return [
            # REPLACE INTO removes the old row without asking the triggers of DELETE.
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END",
            *(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"
                for verb in ("UPDATE", "DELETE")
            ),
        ]
    raise NotImplementedError(f"记录仪不支持数据库 {vendor}")
