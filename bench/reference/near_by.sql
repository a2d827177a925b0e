\set n random(1, :pages)
SELECT c.* FROM bench_reference.page p, LATERAL (SELECT c.* FROM cases_case c WHERE c.easting IS NOT NULL
    AND point(c.easting, c.northing) <@ box(point(p.easting - 200, p.northing - 200), point(p.easting + 200, p.northing + 200))
    AND c.opened_at >= now() - interval '90 days' LIMIT 60) c WHERE p.n = :n;
