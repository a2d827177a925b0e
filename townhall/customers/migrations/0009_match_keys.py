from django.contrib.postgres.indexes import GinIndex
from django.db import migrations


class Migration(migrations.Migration):
    """Keys are looked for as soon as they are written: a list of what is to be put into the index later would be read each time."""

    dependencies = [("customers", "0008_more_needs")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER INDEX match_keys SET (fastupdate = off)", "ALTER INDEX match_keys RESET (fastupdate)"
                )
            ],
            state_operations=[
                migrations.RemoveIndex(model_name="matchkeys", name="match_keys"),
                migrations.AddIndex(
                    model_name="matchkeys", index=GinIndex(fields=["keys"], name="match_keys", fastupdate=False)
                ),
            ],
        ),
    ]
