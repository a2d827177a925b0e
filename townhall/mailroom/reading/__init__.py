"""What a mail says, however badly it is put together: who from, the words, the new part of a reply, attachments, and what kind it is."""
