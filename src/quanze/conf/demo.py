"""演示设置：虚构的示范市，打印口令，仅限本机，每页有提示条。"""

import os

from quanze.conf.local import *  # noqa: F403

QUANZE_IS_DEMO = True
QUANZE_ASKS_FIRST_START = False
QUANZE_CITY_NAME = "云泽市"
QUANZE_DEMO_BANNER = "演示环境：城市、机构、人员与数据均为虚构，口令公开，请勿录入真实数据。"
QUANZE_DEMO_ACCOUNTS = "quanze.demo.accounts.demo_accounts"
# The three administrators have printed secrets; approvers are offered a second factor, not asked for it.
QUANZE_SECOND_FACTOR = "administrators"
# The small city (quanze.demo.seeding.small_city_seed) has everything once and is ready in a quarter of the time.
QUANZE_DEMO_SEEDER = os.environ.get("QUANZE_DEMO_SEEDER", "quanze.demo.seeding.city_seed")
PASSWORD_HASHERS = ["quanze.demo.hashing.DemoPasswordHasher"]
