"""命令行：quanze lists …（由 portal 挂上）。"""

from quanze.apps.catalog.cli.bases import app as bases
from quanze.apps.catalog.cli.lists import app

app.add_typer(bases, name="base")

__all__ = ["app"]
