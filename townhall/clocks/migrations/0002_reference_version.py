from django.db import migrations

TABLES = ("clocks_calendar", "clocks_closedday", "clocks_openinginterval", "clocks_clockkind")

FUNCTION = """
CREATE FUNCTION clocks_reference_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO clocks_referenceversion (id, version) VALUES (true, gen_random_uuid())
    ON CONFLICT (id) DO UPDATE SET version = excluded.version;
    RETURN NULL;
END $$;
"""


def trigger(table):
    return migrations.RunSQL(
        f"CREATE TRIGGER reference_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION clocks_reference_changed();",
        f"DROP TRIGGER reference_changed ON {table};",
    )


class Migration(migrations.Migration):
    """Let processes notice a changed calendar or kind: the version row changes with any of their tables."""

    dependencies = [("clocks", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION clocks_reference_changed();"),
        *(trigger(table) for table in TABLES),
    ]
