"""Records of other systems in bulk, from a file or a signed feed: one mechanism for every kind.

A `Kind` says which headings it knows, reads a record into a row of a table, and stores rows; `load` does the rest: batches, faults by row
and column, dry run, and going on after it was killed.
"""

from townhall.core.loading.faults import Counts, Fault, Refused
from townhall.core.loading.given import Given
from townhall.core.loading.kinds import Batch, Kind, Values
from townhall.core.loading.loading import load
from townhall.core.loading.records import Layout, Record, Source, listed, read_file
from townhall.core.loading.upsert import Stored, upsert

__all__ = [
    "Batch",
    "Counts",
    "Fault",
    "Given",
    "Kind",
    "Layout",
    "Record",
    "Refused",
    "Source",
    "Stored",
    "Values",
    "listed",
    "load",
    "read_file",
    "upsert",
]
