"""Reports of an earlier or another system, in bulk from a CSV file. `load` is the whole of it; docs/importing.md says how to use it."""

from townhall.street.importing.loading import Counts, Result, load
from townhall.street.importing.mapping import Refused

__all__ = ["Counts", "Refused", "Result", "load"]
