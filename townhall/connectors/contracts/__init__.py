"""What Townhall asks of each kind of system, as data: a council's own system answers in these shapes, or its adapter puts them so."""
