"""Bearer tokens for machines: scoped, expiring, never signing."""
