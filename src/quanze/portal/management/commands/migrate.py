"""``migrate``：每项迁移与“已执行”的记录同时成立，或者都不成立；数据库比程序新时拒绝。

Django notes a migration as applied after its transaction has been committed when deferred statements were left to the
end of it. Whoever is killed in between finds tables that "already exist" and can never migrate again. Here one outer
transaction holds both.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.state import ProjectState

from quanze.portal.checks import newer_database_problem


class WholeExecutor(MigrationExecutor):
    """逐项执行，每项一个事务，连同记录。"""

    def apply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False, fake_initial: bool = False
    ) -> ProjectState:
        if not migration.atomic:
            return super().apply_migration(state, migration, fake, fake_initial)
        # SQLite can switch its foreign keys off only outside of a transaction; the schema editor asks that they be off.
        is_off = self.connection.vendor == "sqlite" and self.connection.disable_constraint_checking()
        try:
            with transaction.atomic(using=self.connection.alias):
                return super().apply_migration(state, migration, fake, fake_initial)
        finally:
            if is_off:
                self.connection.enable_constraint_checking()


class Command(migrate.Command):
    help = migrate.Command.help

    def handle(self, *args: Any, **options: Any) -> None:
        if newer := newer_database_problem(options["database"]):
            raise CommandError(newer)
        # The command looks the class up in its module; there is no other way in.
        module = vars(migrate)
        before, module["MigrationExecutor"] = module["MigrationExecutor"], WholeExecutor
        try:
            super().handle(*args, **options)
        finally:
            module["MigrationExecutor"] = before
