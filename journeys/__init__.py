"""Acceptance scenarios walked in a real browser against a whole running Townhall. `make journeys`."""
