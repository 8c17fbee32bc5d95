"""What models cost: an append-only ledger in money and in units."""
