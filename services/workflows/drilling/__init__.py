"""Short questions about production that nobody worked out before: any segment, and the rows themselves."""
