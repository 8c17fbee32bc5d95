"""What is kept of runs: how much, since when, and what keeping it comes to."""
