"""备份、恢复、迁库的公共入口。"""

from quanze.base.backup.digests import SystemDigest, system_digest
from quanze.base.backup.moving import move
from quanze.base.backup.restoring import RestoreReport, manifest_of, restore
from quanze.base.backup.saving import BackupReport, backup_write, digest_from
from quanze.base.backup.stores import FileStore, files_below, register_store
from quanze.base.backup.tables import applied_migrations, trigger_names, unknown_migrations

__all__ = [
    "BackupReport",
    "FileStore",
    "RestoreReport",
    "SystemDigest",
    "applied_migrations",
    "backup_write",
    "digest_from",
    "files_below",
    "manifest_of",
    "move",
    "register_store",
    "restore",
    "system_digest",
    "trigger_names",
    "unknown_migrations",
]
