from datetime import timedelta

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "quanze.base.audit"
    label = "audit"
    verbose_name = "记录仪"

    def ready(self) -> None:
        from quanze.base.audit.anchors import anchor, anchor_files, anchor_path
        from quanze.base.audit.seals import seal_pending
        from quanze.base.audit.searching import index_pending
        from quanze.base.backup.public import FileStore, register_store
        from quanze.base.jobs.public import scheduled

        scheduled("audit.seal", every=timedelta(seconds=10))(seal_pending)
        scheduled("audit.anchor", every=timedelta(hours=1))(anchor)
        scheduled("audit.index", every=timedelta(seconds=30))(index_pending)
        # Read before the snapshot of a backup: an anchor may not speak of a seal that the copy does not have.
        register_store(FileStore("anchors", "锚", lambda: anchor_path().parent, anchor_files, is_before=True))
