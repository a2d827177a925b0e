-- One report with everything it must leave behind, in one transaction. :base, :i and :client_id make ids that grow, as Townhall's do.
\set i :i + 1
\set id :base + :client_id * 100000000 + :i * 10
BEGIN;
INSERT INTO bench_reference.idempotency VALUES ('public:', 'street.report', :id::text, 'c0ffee5ca1ab1ec0ffee5ca1ab1ec0ffee5ca1ab1ec0ffee5ca1ab1ec0ffee5c', :id);
INSERT INTO bench_reference.submission VALUES (:id, 'fly-tipping', 1, '{"size": "bag", "waste": ["furniture"], "blocking": "no", "description": "An old thing lies here and nobody knows whose."}', 'web', now());
INSERT INTO bench_reference.contact VALUES (:id, 'web', now(), 'fly-tipping', 'Sam Examplewood', 'sam@example.org');
INSERT INTO bench_reference.report VALUES (:id, 'TH-' || :id::text, 'fly-tipping', 'awaiting_decision', :id::bigint % 9, current_date + 3, 'An old thing lies here and nobody knows whose.', '{"size": "bag", "waste": ["furniture"], "blocking": "no"}', 500000 + (:id::bigint % 8000)::integer, 200000 + (:id::bigint % 7919)::integer, '12 Harbour Row, Aldermere', now());
INSERT INTO bench_reference.clock VALUES (:id, 'promise', :id, now(), now() + interval '3 days', 'running', now() + interval '2 days');
INSERT INTO bench_reference.clock VALUES (:id::bigint + 1, 'referral', :id, now(), now() + interval '30 days', 'running', now() + interval '25 days');
INSERT INTO bench_reference.clock VALUES (:id::bigint + 2, 'decision', :id, now(), now() + interval '60 days', 'running', now() + interval '55 days');
INSERT INTO bench_reference.entry VALUES (:id, now(), 'public', 'case.opened', :id, '{"service": "fly-tipping", "channel": "web", "team": "street-cleansing"}');
INSERT INTO bench_reference.message VALUES (:id, 'case-received-' || :id::text, :id, 'sam@example.org', 'We have your report', repeat('Thank you for telling us. An officer will look at it. ', 12), 'pending', now());
INSERT INTO bench_reference.delivery VALUES (:id, 'case-' || :id::text, 'waste', '{"reference": "TH-7K3M-92QX", "service": "fly-tipping", "description": "An old thing lies here and nobody knows whose.", "address": "12 Harbour Row, Aldermere", "uprn": "100000000001"}', :id, 'pending', now());
COMMIT;
