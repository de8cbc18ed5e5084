from pathlib import Path

from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "quanze.base.files"
    label = "files"
    verbose_name = "文件"

    def ready(self) -> None:
        from quanze.base.audit.public import register_action
        from quanze.base.backup.public import FileStore, register_store
        from quanze.base.files import storage
        from quanze.base.parameters.public import register_pack

        register_action("files.file.stored", "收存文件")
        register_pack(Path(__file__).resolve().parent / "packs" / "parameters.yaml")
        register_store(FileStore("files", "佐证与上传文件", storage.root, storage.paths_in_use))
