-- The least that a report needs to be kept whole, in tables of their own, so that what Townhall's tables and indexes cost shows in the
-- ratio and not in the reference. Frozen: a change here makes the ratios of different days incomparable.
DROP SCHEMA IF EXISTS bench_reference CASCADE;
CREATE SCHEMA bench_reference;
CREATE TABLE bench_reference.idempotency (
    actor text NOT NULL, operation text NOT NULL, key text NOT NULL, request_hash text NOT NULL, result bigint NOT NULL,
    PRIMARY KEY (actor, operation, key));
CREATE TABLE bench_reference.submission (
    id bigint PRIMARY KEY, form_code text NOT NULL, form_version integer NOT NULL, answers jsonb NOT NULL, channel text NOT NULL,
    received_at timestamptz NOT NULL);
CREATE TABLE bench_reference.contact (
    id bigint PRIMARY KEY, channel text NOT NULL, at timestamptz NOT NULL, service_code text NOT NULL, name text NOT NULL,
    email text NOT NULL);
CREATE TABLE bench_reference.report (
    id bigint PRIMARY KEY, reference text NOT NULL UNIQUE, service_code text NOT NULL, state text NOT NULL, team bigint NOT NULL,
    due_on date NOT NULL, description text NOT NULL, attributes jsonb NOT NULL, easting integer NOT NULL, northing integer NOT NULL,
    address text NOT NULL, opened_at timestamptz NOT NULL);
CREATE INDEX ON bench_reference.report (team, due_on, id);
CREATE INDEX ON bench_reference.report USING gist (point(easting, northing));
CREATE TABLE bench_reference.clock (
    id bigint PRIMARY KEY, kind text NOT NULL, report bigint NOT NULL, started_at timestamptz NOT NULL, due_at timestamptz NOT NULL,
    state text NOT NULL, rings_at timestamptz NOT NULL);
CREATE INDEX ON bench_reference.clock (report);
CREATE INDEX ON bench_reference.clock (rings_at);
CREATE TABLE bench_reference.entry (
    id bigint PRIMARY KEY, at timestamptz NOT NULL, actor text NOT NULL, verb text NOT NULL, report bigint NOT NULL, data jsonb NOT NULL);
CREATE INDEX ON bench_reference.entry (report, at);
CREATE TABLE bench_reference.message (
    id bigint PRIMARY KEY, key text NOT NULL UNIQUE, report bigint NOT NULL, address text NOT NULL, subject_line text NOT NULL,
    body_text text NOT NULL, state text NOT NULL, next_attempt_at timestamptz);
CREATE INDEX ON bench_reference.message (next_attempt_at) WHERE state = 'pending';
CREATE TABLE bench_reference.delivery (
    id bigint PRIMARY KEY, key text NOT NULL UNIQUE, target text NOT NULL, payload jsonb NOT NULL, report bigint NOT NULL, state text NOT NULL,
    next_attempt_at timestamptz NOT NULL);
CREATE INDEX ON bench_reference.delivery (target, id) WHERE state = 'pending';
-- The pages that the reading scripts fetch, by number.
CREATE TABLE bench_reference.page (n integer PRIMARY KEY, case_id uuid, customer_id uuid, reference text, email text, easting integer, northing integer);
