"""Which records are the same person: probabilistic record linkage after Fellegi and Sunter, trained on the records themselves."""
