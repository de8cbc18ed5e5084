"""口令散列：Argon2id，内存 19 MiB、两遍、单路。Weaker stored hashes are replaced at the next login by Django itself."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2idHasher(Argon2PasswordHasher):
    """RELIABILITY §4. One lane: the server has a process per request, and lanes of the default (8) would be threads."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
