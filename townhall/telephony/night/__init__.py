"""Out of hours: emergency services, the rota on call, what the answering partner takes down, paging, and the report."""
