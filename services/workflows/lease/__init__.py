"""Who may do what only one may do, and until when."""
