"""Runs that go on and seem to go nowhere: no number, a plateau, worse than what there is."""
