"""本处的文件夹，加上 MOVED_TO 所指的数据库。"""

import os

from quanze.conf.local import *  # noqa: F403
from quanze.portal.commands.safekeeping import database_of

DATABASES = {"default": database_of(os.environ["MOVED_TO"])}
