"""What could cost less: recommendations with their money and evidence, and what came of them."""
