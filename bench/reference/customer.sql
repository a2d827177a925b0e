\set n random(1, :pages)
SELECT c.* FROM bench_reference.page p JOIN customers_customer c ON c.id = p.customer_id WHERE p.n = :n;
SELECT k.* FROM bench_reference.page p JOIN customers_contactpoint k ON k.customer_id = p.customer_id WHERE p.n = :n;
SELECT c.* FROM bench_reference.page p JOIN cases_case c ON c.customer_id = p.customer_id WHERE p.n = :n;
SELECT c.* FROM bench_reference.page p JOIN contacts_contact c ON c.customer_id = p.customer_id WHERE p.n = :n;
