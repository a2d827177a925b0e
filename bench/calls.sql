-- Phone calls of one month, each taken by an adviser and wrapped up, with what that leaves behind. Run as an administrator, with the
-- triggers of foreign keys off. Every customer calls as likely as any other.
WITH moment AS MATERIALIZED (
    SELECT %(first)s::timestamptz + random() * (%(last)s::timestamptz - %(first)s::timestamptz) AS at,
           make_interval(secs => 60 + random() * 500) AS lasted,
           1 + floor(random() * %(customers)s)::bigint AS number,
           %(advisers)s::uuid[] AS advisers, floor(random() * %(many)s)::int + 1 AS taken_by,
           (ARRAY['council-tax-move', 'missed-bin', 'fly-tipping', 'housing-repair', 'parking-permit', 'pothole', ''])[1 + floor(random() * 7)::int] AS service,
           random() < 0.2 AS avoidable, random() < 0.85 AS resolved
    FROM generate_series(1, %(count)s)
), made AS (
    INSERT INTO contacts_contact (id, started_at, ended_at, adviser_id, site_code, service_code, reason_code, outcome, given_name,
        given_email, given_phone, avoidable, avoidable_reason, anything_else, notes, channel, customer_id, follows_id)
    SELECT uuidv7(m.at - now()), m.at, m.at + m.lasted, m.advisers[m.taken_by], '', m.service, 'question',
           CASE WHEN m.resolved THEN 'resolved' ELSE 'referred' END, '', '', '', m.avoidable,
           CASE WHEN m.avoidable THEN 'progress_chasing' ELSE '' END, false, '', 'phone', c.id, NULL
    FROM moment m JOIN bench_customer c USING (number)
    RETURNING id, started_at, ended_at, adviser_id, customer_id, outcome, avoidable, avoidable_reason
)
INSERT INTO ledger_entry (id, at, actor_kind, actor_id, verb, subject_kind, subject_id, customer_id, case_id, data)
SELECT uuidv7(e.at - now()), e.at, 'staff', m.adviser_id::text, e.verb, 'contact', m.id, m.customer_id, NULL, e.data
FROM made m, LATERAL (VALUES ('contact.started', m.started_at, '{"channel": "phone"}'::jsonb), ('contact.wrapped_up', m.ended_at,
    jsonb_build_object('reason', 'question', 'outcome', m.outcome, 'avoidable', m.avoidable, 'avoidable_reason', m.avoidable_reason)))
    e(verb, at, data)
