"""Argon2id at OWASP's first recommended setting (19 MiB, 2 passes, 1 lane): about 30 ms, so that sign-ins cannot fill the memory."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class LeanArgon2Hasher(Argon2PasswordHasher):
    memory_cost = 19 * 1024  # KiB
    time_cost = 2
    parallelism = 1
