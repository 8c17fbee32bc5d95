"""What things cost: dated prices with their source, and dated rates between currencies."""
