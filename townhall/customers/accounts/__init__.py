"""What a resident's account opens: the customer records it belongs to, how sure we are of that, and what its owner agreed to."""
