"""`make crash` and `make bench`: a real Townhall under load, on a data directory of its own."""
