"""What happened, chained to all before it."""
