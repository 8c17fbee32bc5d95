"""What the page Cost shows; one file a tab."""
