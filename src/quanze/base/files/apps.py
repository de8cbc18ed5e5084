from pathlib import Path

from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "quanze.base.files"
    label = "files"
    verbose_name = "文件"

    def ready(self) -> None:
        from quanze.base.audit.public import register_action
        from quanze.base.parameters.public import register_pack

        register_action("files.file.stored", "收存文件")
        register_pack(Path(__file__).resolve().parent / "packs" / "parameters.yaml")
