from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial"), ("core", "0002_extensions")]

    operations = [
        # Reports near a point, nearest first: the service narrows, the point orders.
        migrations.RunSQL(
            "CREATE INDEX case_near ON cases_case USING gist (point(easting, northing)) WHERE easting IS NOT NULL",
            "DROP INDEX case_near",
        ),
        # Other systems ask what changed since.
        migrations.RunSQL(
            "CREATE INDEX case_updated ON cases_case (updated_at, id)",
            "DROP INDEX case_updated",
        ),
    ]
