"""示范账号的口令散列：口令印在登录页上，慢散列没有意义；换作任何别的设置，这些账号一律登不进去。"""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class DemoPasswordHasher(PBKDF2PasswordHasher):
    """Known to the demonstration settings only, so that a demonstration account is worthless anywhere else."""

    algorithm = "pbkdf2_sha256_demo"
    iterations = 1_000
