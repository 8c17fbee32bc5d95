"""Which data, run and code a version came from."""
