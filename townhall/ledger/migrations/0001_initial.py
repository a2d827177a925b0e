"""The ledger's tables, written by hand: Django knows of them, but partitions, triggers and positions are SQL.

This migration cannot be made again by `makemigrations`; change the SQL and the state together.
"""

from django.db import migrations, models

import townhall.core.ids

TABLES = """
CREATE TABLE ledger_era (
    era integer PRIMARY KEY,
    system_identifier bigint NOT NULL,
    position_offset bigint NOT NULL,
    started_at timestamptz NOT NULL
);

-- Transactions in the order in which they began to write. Every row of one transaction has the same position.
CREATE FUNCTION ledger_position() RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN pg_current_xact_id()::text::bigint
        + coalesce((SELECT position_offset FROM ledger_era ORDER BY era DESC LIMIT 1), 0);
END
$$;

-- Every transaction with a lower position has ended, so no row can appear below this any more.
CREATE FUNCTION ledger_horizon() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint
        + coalesce((SELECT position_offset FROM ledger_era ORDER BY era DESC LIMIT 1), 0)
$$;

-- No row that can be seen by now has this position or a higher one.
CREATE FUNCTION ledger_next_position() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint
        + coalesce((SELECT position_offset FROM ledger_era ORDER BY era DESC LIMIT 1), 0)
$$;

CREATE TABLE ledger_entry (
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    position bigint NOT NULL DEFAULT ledger_position(),
    actor_kind text NOT NULL,
    actor_id text NOT NULL,
    verb text NOT NULL,
    subject_kind text NOT NULL,
    subject_id uuid NOT NULL,
    customer_id uuid,
    case_id uuid,
    data jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);

CREATE INDEX ledger_entry_position ON ledger_entry (position);
CREATE INDEX ledger_entry_case ON ledger_entry (case_id, at) WHERE case_id IS NOT NULL;
CREATE INDEX ledger_entry_customer ON ledger_entry (customer_id, at) WHERE customer_id IS NOT NULL;
CREATE INDEX ledger_entry_staff ON ledger_entry (actor_id, at) WHERE actor_kind = 'staff';
CREATE TABLE ledger_entry_default PARTITION OF ledger_entry DEFAULT;

CREATE TABLE ledger_look (
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    position bigint NOT NULL DEFAULT ledger_position(),
    actor_kind text NOT NULL,
    actor_id text NOT NULL,
    customer_id uuid,
    case_id uuid,
    page text NOT NULL,
    reason text NOT NULL DEFAULT '',
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);

CREATE INDEX ledger_look_position ON ledger_look (position);
CREATE INDEX ledger_look_customer ON ledger_look (customer_id, at) WHERE customer_id IS NOT NULL;
CREATE INDEX ledger_look_actor ON ledger_look (actor_id, at);
CREATE TABLE ledger_look_default PARTITION OF ledger_look DEFAULT;

CREATE TABLE ledger_seal (
    number bigint PRIMARY KEY CHECK (number > 0),
    from_position bigint NOT NULL UNIQUE,
    to_position bigint NOT NULL UNIQUE CHECK (to_position > from_position),
    entries bigint NOT NULL,
    looks bigint NOT NULL,
    entries_digest text NOT NULL,
    looks_digest text NOT NULL,
    previous_hash text NOT NULL,
    hash text NOT NULL,
    sealed_at timestamptz NOT NULL
);
"""

UNDO_TABLES = """
DROP TABLE ledger_entry, ledger_look, ledger_seal;
DROP FUNCTION ledger_position(), ledger_horizon(), ledger_next_position();
DROP TABLE ledger_era;
"""

# For everybody, the owner included, who does not first disable it (which `townhall check ledger` then finds out).
APPEND_ONLY = """
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The ledger is only ever added to' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE ON ledger_entry FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE ON ledger_look FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE ON ledger_seal FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE ON ledger_era FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
"""

UNDO_APPEND_ONLY = """
DROP TRIGGER only_added_to ON ledger_entry;
DROP TRIGGER only_added_to ON ledger_look;
DROP TRIGGER only_added_to ON ledger_seal;
DROP TRIGGER only_added_to ON ledger_era;
DROP FUNCTION ledger_refuse();
"""

# These two run with the owner's rights, so that the application, which may not change tables, can ask for them.
OWNER_FUNCTIONS = """
-- Partitions for every UTC month from `first` to `last`, where there are none; the number made. A month of which rows already lie
-- in the default partition stays there: it works, only slower. Gives up after two seconds rather than hold up writers.
CREATE FUNCTION ledger_make_partitions(first date, last date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
    parent text;
    month date;
    name text;
    taken boolean;
    made integer := 0;
BEGIN
    FOREACH parent IN ARRAY ARRAY['ledger_entry', 'ledger_look'] LOOP
        month := date_trunc('month', first);
        WHILE month <= last LOOP
            name := parent || to_char(month, '"_"YYYY"_"MM');
            IF to_regclass(name) IS NULL THEN
                EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE at >= %L AND at < %L)',
                               parent || '_default', month, month + interval '1 month') INTO taken;
                IF NOT taken THEN
                    EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                                   name, parent, month, month + interval '1 month');
                    made := made + 1;
                END IF;
            END IF;
            month := month + interval '1 month';
        END LOOP;
    END LOOP;
    RETURN made;
END
$$;

-- This month and so many after it.
CREATE FUNCTION ledger_make_partitions(months integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
    SELECT ledger_make_partitions(current_date, (current_date + make_interval(months => months))::date)
$$;

-- Begin a new era when this is not the cluster of the last one: new positions then come after every one given before. A copied or
-- restored database must call this before it writes. The number of the era now in force.
CREATE FUNCTION ledger_ensure_era() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    here bigint;
    latest ledger_era;
    used bigint;
BEGIN
    SELECT system_identifier INTO here FROM pg_control_system();
    SELECT * INTO latest FROM ledger_era ORDER BY era DESC LIMIT 1;
    IF latest.system_identifier = here THEN
        RETURN latest.era;
    END IF;
    -- Waits for writers to end and holds new ones back, so that none is left with a position of the era before.
    LOCK TABLE ledger_era IN EXCLUSIVE MODE;
    LOCK TABLE ledger_entry, ledger_look IN SHARE ROW EXCLUSIVE MODE;
    SELECT * INTO latest FROM ledger_era ORDER BY era DESC LIMIT 1;
    IF latest.system_identifier = here THEN
        RETURN latest.era;
    END IF;
    SELECT greatest((SELECT max(position) FROM ledger_entry), (SELECT max(position) FROM ledger_look),
                    (SELECT max(to_position) FROM ledger_seal)) INTO used;
    INSERT INTO ledger_era VALUES (
        coalesce(latest.era, 0) + 1, here,
        CASE WHEN used IS NULL THEN 0 ELSE used + 1 - pg_snapshot_xmin(pg_current_snapshot())::text::bigint END, now()
    );
    RETURN coalesce(latest.era, 0) + 1;
END
$$;
"""

UNDO_OWNER_FUNCTIONS = """
DROP FUNCTION ledger_ensure_era();
DROP FUNCTION ledger_make_partitions(integer);
DROP FUNCTION ledger_make_partitions(date, date);
"""


class Migration(migrations.Migration):
    initial = True

    dependencies: list[tuple[str, str]] = []

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(TABLES, UNDO_TABLES),
                migrations.RunSQL(APPEND_ONLY, UNDO_APPEND_ONLY),
                migrations.RunSQL(OWNER_FUNCTIONS, UNDO_OWNER_FUNCTIONS),
                migrations.RunSQL(
                    "SELECT ledger_ensure_era(); SELECT ledger_make_partitions(3);", migrations.RunSQL.noop
                ),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="Entry",
                    fields=[
                        ("id", models.UUIDField(default=townhall.core.ids.uuid7, primary_key=True, serialize=False)),
                        ("at", models.DateTimeField()),
                        ("position", models.BigIntegerField()),
                        ("actor_kind", models.TextField()),
                        ("actor_id", models.TextField()),
                        ("verb", models.TextField()),
                        ("subject_kind", models.TextField()),
                        ("subject_id", models.UUIDField()),
                        ("customer_id", models.UUIDField(null=True)),
                        ("case_id", models.UUIDField(null=True)),
                        ("data", models.JSONField(default=dict)),
                    ],
                ),
                migrations.CreateModel(
                    name="Look",
                    fields=[
                        ("id", models.UUIDField(default=townhall.core.ids.uuid7, primary_key=True, serialize=False)),
                        ("at", models.DateTimeField()),
                        ("position", models.BigIntegerField()),
                        ("actor_kind", models.TextField()),
                        ("actor_id", models.TextField()),
                        ("customer_id", models.UUIDField(null=True)),
                        ("case_id", models.UUIDField(null=True)),
                        ("page", models.TextField()),
                        ("reason", models.TextField(default="")),
                    ],
                ),
                migrations.CreateModel(
                    name="Seal",
                    fields=[
                        ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("from_position", models.BigIntegerField()),
                        ("to_position", models.BigIntegerField()),
                        ("entries", models.BigIntegerField()),
                        ("looks", models.BigIntegerField()),
                        ("entries_digest", models.TextField()),
                        ("looks_digest", models.TextField()),
                        ("previous_hash", models.TextField()),
                        ("hash", models.TextField()),
                        ("sealed_at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="Era",
                    fields=[
                        ("era", models.IntegerField(primary_key=True, serialize=False)),
                        ("system_identifier", models.BigIntegerField()),
                        ("position_offset", models.BigIntegerField()),
                        ("started_at", models.DateTimeField()),
                    ],
                ),
            ],
        ),
    ]
