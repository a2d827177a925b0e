\set n random(1, :pages)
SELECT c.* FROM bench_reference.page p JOIN cases_case c ON c.reference = p.reference WHERE p.n = :n;
SELECT e.at, e.verb, e.data FROM bench_reference.page p JOIN ledger_entry e ON e.case_id = p.case_id WHERE p.n = :n;
