"""What a stranger must know before using a model."""
