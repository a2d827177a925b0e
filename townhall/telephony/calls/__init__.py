"""Calls: their events taken in, added up, made into contacts and counted."""
