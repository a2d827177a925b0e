"""Settings for tools that read them and serve nobody: the type checker, drawing, makemigrations. They need no secret."""

import os

os.environ.setdefault("DEBUG", "True")

from townhall.config.settings import *  # noqa: E402, F403
