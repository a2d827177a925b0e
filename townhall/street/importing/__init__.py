"""Reports of an earlier or another system, in bulk from a CSV file. `load` is the whole of it; docs/importing.md says how to use it."""

from townhall.core.loading.faults import Counts, Refused
from townhall.street.importing.loading import Result, load

__all__ = ["Counts", "Refused", "Result", "load"]
