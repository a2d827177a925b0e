from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial"), ("core", "0002_extensions")]

    operations = [
        # Recent reports near a point: without the time in the index every old one there would be read and thrown away.
        migrations.RunSQL(
            "CREATE INDEX case_near ON cases_case USING gist (point(easting, northing), opened_at) WHERE easting IS NOT NULL",
            "DROP INDEX case_near",
        ),
        # Reports that have no point, by service and by street, to be compared by their words. Few: most have one.
        migrations.RunSQL(
            "CREATE INDEX case_told ON cases_case (service_code, opened_at) WHERE easting IS NULL",
            "DROP INDEX case_told",
        ),
        migrations.RunSQL(
            "CREATE INDEX case_told_street ON cases_case (usrn, opened_at) WHERE easting IS NULL AND usrn <> ''",
            "DROP INDEX case_told_street",
        ),
        # The public list of a ward. Without it a small ward is looked for through every open case.
        migrations.RunSQL(
            "CREATE INDEX case_ward_open ON cases_case (ward_code, opened_at, id) WHERE is_public"
            " AND state IN ('awaiting_decision', 'accepted', 'waiting_for_customer', 'done')",
            "DROP INDEX case_ward_open",
        ),
        # Other systems ask what changed since.
        migrations.RunSQL(
            "CREATE INDEX case_updated ON cases_case (updated_at, id)",
            "DROP INDEX case_updated",
        ),
    ]
