"""Where a mail belongs: rules first, then a small classifier of our own that learns from corrections and says which words decided."""
