from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("places", "0001_initial"), ("core", "0002_extensions")]

    operations = [
        migrations.RunSQL(
            """
            CREATE INDEX address_words ON places_address USING gin (search_text gin_trgm_ops);
            CREATE INDEX address_postcode ON places_address (postcode);
            CREATE INDEX address_near ON places_address USING gist (point(easting, northing));
            CREATE INDEX street_words ON places_street USING gin (search_text gin_trgm_ops);
            """,
            "DROP INDEX address_words, address_postcode, address_near, street_words",
        ),
    ]
