"""What a business watches about a model, and what it should be."""
