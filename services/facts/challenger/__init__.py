"""Whether a new model is better than the one that serves, on rows that neither has seen."""
