"""Which models are governed, by whom, and how strictly."""
