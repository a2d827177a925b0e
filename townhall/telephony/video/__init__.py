"""Telepresence: rooms with a signed name, sessions, and how much each place is used."""
