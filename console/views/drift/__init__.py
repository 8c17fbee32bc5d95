"""What the drift pages show of one watched version; one file a question."""
