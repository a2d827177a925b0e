-- What belongs to each report of bench_report whose moment lies in [%(first)s, %(last)s): all that making it, and working it to its end,
-- leaves behind. Run in one transaction as an administrator, with the triggers of foreign keys off.
INSERT INTO core_idempotency (actor, operation, key, request_hash, result, at)
SELECT 'public:', 'street.report', r.id::text, md5(r.id::text) || md5(r.reference), r.id, r.opened_at
FROM bench_report r WHERE r.opened_at >= %(first)s AND r.opened_at < %(last)s;

INSERT INTO forms_submission (id, form_code, form_version, answers, channel, by_kind, by_id, on_behalf_of, received_at, key)
SELECT r.id, r.service_code, 1, r.attributes || jsonb_build_object('description', r.description), 'web', 'public', '', NULL, r.opened_at,
       r.id::text
FROM bench_report r WHERE r.opened_at >= %(first)s AND r.opened_at < %(last)s;

INSERT INTO contacts_contact (id, started_at, ended_at, adviser_id, site_code, service_code, reason_code, outcome, given_name, given_email,
    given_phone, avoidable, avoidable_reason, anything_else, notes, channel, customer_id, follows_id)
SELECT r.contact_id, r.opened_at, r.opened_at, NULL, '', r.service_code, 'report', 'referred', r.name, r.email, '', NULL, '', NULL, '',
       'web', r.customer_id, NULL
FROM bench_report r WHERE r.opened_at >= %(first)s AND r.opened_at < %(last)s;

INSERT INTO cases_case (id, reference, service_code, state, origin_channel, priority, due_on, scheduled_on, description, attributes,
    public_note, easting, northing, lat, lng, place_source, address, place_words, uprn, usrn, ward_code, opened_at, updated_at, accepted_at,
    work_ended_at, told_at, no_message_reason, closed_at, outcome_code, outcome_text, decline_reason, followers, chasers, hops,
    external_ref, is_public, customer_id, doer_post_id, doer_team_id, merged_into_id, teller_post_id)
SELECT r.id, r.reference, r.service_code, r.state, 'web', 0, r.due_on, NULL, r.description, r.attributes, '', r.easting, r.northing, r.lat,
       r.lng, 'address', r.address, '', r.uprn, r.usrn, r.ward_code, r.opened_at, coalesce(r.closed_at, r.opened_at),
       CASE WHEN r.state <> 'awaiting_decision' THEN r.opened_at + interval '5 hours' END, r.closed_at - interval '1 hour', r.closed_at, '',
       r.closed_at, CASE WHEN r.closed_at IS NULL THEN '' ELSE r.outcome_code END, '', '', 1, 0, 0, '', true, r.customer_id, NULL,
       t.id, NULL, p.id
FROM bench_report r JOIN accounts_team t ON t.code = r.team JOIN accounts_post p ON p.code = r.teller
WHERE r.opened_at >= %(first)s AND r.opened_at < %(last)s;

INSERT INTO cases_follower (id, original_case_id, customer_id, name, email, phone, prefers, is_reporter, since, ended_at, case_id)
SELECT uuidv7(r.opened_at - now()), r.id, r.customer_id, r.name, r.email, '', 'email', true, r.opened_at, NULL, r.id
FROM bench_report r WHERE r.opened_at >= %(first)s AND r.opened_at < %(last)s;

INSERT INTO cases_casecontact (id, kind, at, case_id, contact_id)
SELECT uuidv7(r.opened_at - now()), 'origin', r.opened_at, r.id, r.contact_id
FROM bench_report r WHERE r.opened_at >= %(first)s AND r.opened_at < %(last)s;

-- Clocks of open cases ring in two months, so that a kept data directory stays quiet until then.
INSERT INTO clocks_clock (id, kind, subject_kind, subject_id, case_id, calendar, amount, unit, started_at, due_at, original_due_at, state,
    finished_at, next_rung, next_rung_at, paused_at, paused_seconds)
SELECT uuidv7(r.opened_at - now()), k.kind, 'case', r.id, r.id, k.calendar, k.amount, k.unit, r.opened_at,
       r.opened_at + make_interval(days => k.amount), r.opened_at + make_interval(days => k.amount),
       CASE WHEN r.closed_at IS NULL THEN 'running' ELSE 'met' END, r.closed_at, 0,
       CASE WHEN r.closed_at IS NULL THEN now() + interval '60 days' + random() * interval '60 days' END, NULL, 0
FROM bench_report r, (VALUES ('case.promise', 'COUNCIL_OPEN', 10, 'working_days'), ('case.referral', 'EVERY_DAY', 30, 'calendar_days'),
    ('case.decision', 'EVERY_DAY', 60, 'calendar_days')) k(kind, calendar, amount, unit)
WHERE r.opened_at >= %(first)s AND r.opened_at < %(last)s;

INSERT INTO ledger_entry (id, at, actor_kind, actor_id, verb, subject_kind, subject_id, customer_id, case_id, data)
SELECT uuidv7(e.at - now()), e.at, e.kind, '', e.verb, 'case', r.id, r.customer_id, r.id,
       CASE e.verb WHEN 'case.opened' THEN jsonb_build_object('service', r.service_code, 'channel', 'web', 'team', r.team, 'due_on', r.due_on)
            ELSE '{}' END
FROM bench_report r, LATERAL (VALUES ('case.opened', 'public', r.opened_at), ('case.accepted', 'system',
    CASE WHEN r.state <> 'awaiting_decision' THEN r.opened_at + interval '5 hours' END), ('case.closed', 'system', r.closed_at))
    e(verb, kind, at)
WHERE e.at IS NOT NULL AND r.opened_at >= %(first)s AND r.opened_at < %(last)s;

INSERT INTO notifications_message (id, key, template, channel, recipient_name, recipient_address, customer_id, subject_kind, subject_id,
    case_id, subject_line, body_text, unsubscribe_url, fallback, state, attempts, next_attempt_at, sent_at, delivered_at, message_id,
    provider_id, error, created_at)
SELECT m.id, m.key || r.id, m.template, 'email', r.name, r.email, r.customer_id, 'case', r.id, r.id, m.subject || r.reference,
       'Dear ' || r.name || E',\n\n' || m.body || E'\n\nYour reference is ' || r.reference || E'.\n\nFollow it at http://localhost/r/'
       || r.reference || E'\n\nAldermere Borough Council', '', NULL, 'sent', 1, NULL, m.at, NULL, '<' || replace(m.id::text, '-', '')
       || '@aldermere.example.org>', '', '', m.at
FROM bench_report r, LATERAL (VALUES
    (uuidv7(r.opened_at - now()), 'case-received-', 'case/received', 'We have your report ', r.opened_at,
     'Thank you for telling us. An officer will look at your report, decide what we will do, and tell you. We promise an answer soon.'),
    (uuidv7(r.closed_at - now()), 'case-done-', 'case/done', 'We have dealt with your report ', r.closed_at,
     'The work is done. If it is not fixed, tell us within two weeks and the same report is opened again.'))
    m(id, key, template, subject, at, body)
WHERE m.at IS NOT NULL AND r.opened_at >= %(first)s AND r.opened_at < %(last)s;
