"""Accounts of residents and businesses. Another kind than staff's: other tables, another cookie, and no way from one to the other."""
