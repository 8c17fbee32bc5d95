"""Which features move a version's output."""
