"""The tabs of a model."""
