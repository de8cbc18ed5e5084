"""把源码接到虚拟环境：一个 .pth 文件和一个 quanze 命令。

An editable install would need a build backend fetched from a registry for what two small files do.
"""

import stat
import sys
import sysconfig
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
LAUNCHER = """#!/bin/sh
'''exec' "$(dirname "$(readlink -f "$0")")/python" "$0" "$@"
' '''
import sys

from quanze.portal.cli import main

sys.exit(main())
"""

(Path(sysconfig.get_path("purelib")) / "quanze.pth").write_text(f"{PROJECT / 'src'}\n", encoding="utf-8")
command = Path(sys.prefix) / "bin" / "quanze"
command.write_text(LAUNCHER, encoding="utf-8")
command.chmod(command.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
