"""The events of calls, by month. Written by hand: Django knows of the table, but its partitions are SQL."""

from django.db import migrations

TABLE = """
CREATE TABLE telephony_callevent (
    id uuid NOT NULL,
    call_id uuid NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    agent text NOT NULL,
    told jsonb NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (call_id, kind, at, agent)
) PARTITION BY RANGE (at);
CREATE TABLE telephony_callevent_default PARTITION OF telephony_callevent DEFAULT;

-- With the owner's rights, so that the application, which may not change tables, can ask for it. A month of which rows already lie in
-- the default partition stays there: it works, only slower.
CREATE FUNCTION telephony_make_partitions(first date, last date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
    month date := date_trunc('month', first);
    name text;
    taken boolean;
    made integer := 0;
BEGIN
    WHILE month <= last LOOP
        name := 'telephony_callevent' || to_char(month, '"_"YYYY"_"MM');
        IF to_regclass(name) IS NULL THEN
            SELECT EXISTS (SELECT FROM telephony_callevent_default WHERE at >= month AND at < month + interval '1 month') INTO taken;
            IF NOT taken THEN
                EXECUTE format('CREATE TABLE %I PARTITION OF telephony_callevent FOR VALUES FROM (%L) TO (%L)',
                               name, month, month + interval '1 month');
                made := made + 1;
            END IF;
        END IF;
        month := month + interval '1 month';
    END LOOP;
    RETURN made;
END
$$;
"""
UNDO = """
DROP FUNCTION telephony_make_partitions(date, date);
DROP TABLE telephony_callevent;
"""


class Migration(migrations.Migration):
    dependencies = [("telephony", "0001_initial")]

    operations = [
        migrations.RunSQL(TABLE, UNDO),
        migrations.RunSQL(
            "SELECT telephony_make_partitions(current_date, (current_date + interval '3 months')::date);",
            migrations.RunSQL.noop,
        ),
    ]
