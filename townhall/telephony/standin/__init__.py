"""A pretend phone platform: a day of calls as a borough of 120,000 calls a month has it, told to Townhall in signed messages."""
