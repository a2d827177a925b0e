\set n random(1, :pages)
SELECT c.* FROM bench_reference.page p JOIN cases_case c ON c.id = p.case_id WHERE p.n = :n;
SELECT f.* FROM bench_reference.page p JOIN cases_follower f ON f.case_id = p.case_id WHERE p.n = :n;
SELECT m.* FROM bench_reference.page p JOIN notifications_message m ON m.case_id = p.case_id WHERE p.n = :n;
SELECT k.* FROM bench_reference.page p JOIN clocks_clock k ON k.case_id = p.case_id WHERE p.n = :n;
SELECT e.* FROM bench_reference.page p JOIN ledger_entry e ON e.case_id = p.case_id WHERE p.n = :n;
