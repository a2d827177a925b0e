"""The rings of a day, for the list of phones that were not answered."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("telephony", "0004_cover")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX telephony_callevent_rings ON telephony_callevent (at) WHERE kind = 'offered' AND agent <> '';",
            "DROP INDEX telephony_callevent_rings;",
        ),
    ]
