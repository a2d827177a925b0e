from django.db import migrations

# A position is the transaction's number and what its era adds. The era was looked up for each row; now the function is written anew
# when an era begins, and PostgreSQL makes its one sum a part of the statement that inserts.
WRITTEN = """
CREATE FUNCTION ledger_write_position() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    added bigint;
BEGIN
    SELECT position_offset INTO added FROM ledger_era ORDER BY era DESC LIMIT 1;
    EXECUTE format('CREATE OR REPLACE FUNCTION public.ledger_position() RETURNS bigint LANGUAGE sql VOLATILE AS '
                   '''SELECT pg_catalog.pg_current_xact_id()::text::bigint + (%s)::bigint''', coalesce(added, 0));
    RETURN NULL;
END
$$;
CREATE TRIGGER position_follows AFTER INSERT ON ledger_era FOR EACH STATEMENT EXECUTE FUNCTION ledger_write_position();
DO $$
BEGIN
    EXECUTE format('CREATE OR REPLACE FUNCTION public.ledger_position() RETURNS bigint LANGUAGE sql VOLATILE AS '
                   '''SELECT pg_catalog.pg_current_xact_id()::text::bigint + (%s)::bigint''',
                   coalesce((SELECT position_offset FROM ledger_era ORDER BY era DESC LIMIT 1), 0));
END
$$;
"""

LOOKED_UP = """
DROP TRIGGER position_follows ON ledger_era;
DROP FUNCTION ledger_write_position();
CREATE OR REPLACE FUNCTION ledger_position() RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN pg_current_xact_id()::text::bigint
        + coalesce((SELECT position_offset FROM ledger_era ORDER BY era DESC LIMIT 1), 0);
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [migrations.RunSQL(WRITTEN, LOOKED_UP)]
