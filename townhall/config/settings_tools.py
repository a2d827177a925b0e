"""Settings for tools that read them and serve nobody: the type checker, makemigrations, the migration linter. No secret needed."""

import os

os.environ.setdefault("DEBUG", "True")

from townhall.config.settings import *  # noqa: F403
from townhall.config.settings import INSTALLED_APPS, TOWNHALL_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django_linear_migrations", "django_migration_linter"]
MIGRATION_LINTER_OPTIONS = {
    "include_apps": [app.rpartition(".")[2] for app in TOWNHALL_APPS],
    "ignore_initial_migrations": True,  # a table made in the same migration is empty, and nobody waits for it
    "ignore_name": [
        "0002_form_versions",  # nothing wrote to the table of forms before it
        "0002_events_by_month",  # makes its table
        "0002_papers",  # makes its tables
        "0005_rings",  # of the same table, in the same release
    ],
}
