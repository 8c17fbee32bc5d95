"""What each process last said of itself."""
