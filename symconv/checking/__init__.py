"""A person's own code: how it is called, where it is tried, and what is found out about it."""
