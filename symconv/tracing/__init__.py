"""A person's function followed on opaque values: a tape of what it does, compared with the definition."""
