"""Drawing the page Cost; one file a tab."""
