"""Settings that have to be read in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ASK = "from townhall.config import settings; print(settings.SECRET_KEY_FALLBACKS)"


def test_earlier_secret_keys_come_from_the_environment() -> None:
    given = {"SECRET_KEY": "the newest", "SECRET_KEY_FALLBACKS": "the one before, the first,"}
    said = subprocess.run(
        [sys.executable, "-c", ASK], cwd=ROOT, env={**os.environ, **given}, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "['the one before', 'the first']"
