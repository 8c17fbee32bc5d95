"""Teams: who works on what together."""
