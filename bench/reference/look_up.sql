\set n random(1, :pages)
SELECT c.* FROM bench_reference.page p JOIN customers_contactpoint k ON k.normalised = p.email JOIN customers_customer c ON c.id = k.customer_id WHERE p.n = :n;
SELECT k.* FROM bench_reference.page p JOIN customers_contactpoint k ON k.customer_id = p.customer_id WHERE p.n = :n;
SELECT a.* FROM bench_reference.page p JOIN customers_customeraddress a ON a.customer_id = p.customer_id WHERE p.n = :n;
