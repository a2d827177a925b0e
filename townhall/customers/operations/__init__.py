"""Everything that changes a customer's record. Merging comes with the account."""

from townhall.customers.operations.belonging import (
    add_number,
    add_role,
    end_link,
    end_role,
    link,
    remove_number,
)
from townhall.customers.operations.channels import Ways, channel_choices, choose_channels
from townhall.customers.operations.details import NewCustomer, change, create
from townhall.customers.operations.needs import agree_need, end_need
from townhall.customers.operations.reaching import (
    add_address,
    add_contact_point,
    end_address,
    end_contact_point,
    verify_contact_point,
)

__all__ = [
    "NewCustomer",
    "Ways",
    "add_address",
    "add_contact_point",
    "add_number",
    "add_role",
    "agree_need",
    "change",
    "channel_choices",
    "choose_channels",
    "create",
    "end_address",
    "end_contact_point",
    "end_link",
    "end_need",
    "end_role",
    "link",
    "remove_number",
    "verify_contact_point",
]
