"""Whether rows are what they were expected to be."""
