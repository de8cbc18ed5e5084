from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "quanze.base.files"
    label = "files"
    verbose_name = "文件"
