"""The parts of a review."""
