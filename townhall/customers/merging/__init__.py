"""Two records of one person or organisation made one, and taken apart again.

Every reference to the merged record is found in Django's metadata (`references`), moved to the record that stands and written down row by
row (`moving`), so that taking apart returns exactly those. Rows that need more care than moving, such as those that may be there once for
a customer, have a mover: `register_mover(table, mover)`. The ledger stays as it was written: it is read under both ids (`aliases`).
"""

from townhall.customers.merging.aliases import also_known_as, merges_of, standing
from townhall.customers.merging.moving import Moving, register_mover
from townhall.customers.merging.operations import Choices, merge, unmerge
from townhall.customers.merging.references import also_refers

__all__ = [
    "Choices",
    "Moving",
    "also_known_as",
    "also_refers",
    "merge",
    "merges_of",
    "register_mover",
    "standing",
    "unmerge",
]
