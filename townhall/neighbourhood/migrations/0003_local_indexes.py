from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("neighbourhood", "0002_local"), ("core", "0002_extensions")]

    operations = [
        migrations.RunSQL(
            """
            CREATE INDEX proposal_near ON neighbourhood_proposal USING gist (point(easting, northing)) WHERE easting IS NOT NULL;
            CREATE INDEX proposal_words ON neighbourhood_proposal USING gin (search_text gin_trgm_ops);
            CREATE INDEX proposal_newest ON neighbourhood_proposal ((coalesce(received_on, '1900-01-01'::date)) DESC, id DESC);
            CREATE INDEX event_near ON neighbourhood_event USING gist (point(easting, northing)) WHERE easting IS NOT NULL;
            """,
            "DROP INDEX proposal_near, proposal_words, proposal_newest, event_near",
        ),
    ]
