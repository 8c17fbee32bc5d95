"""How a model is trained, written down: versioned, published, drafted from a run."""
