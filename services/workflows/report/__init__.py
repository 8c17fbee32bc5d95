"""A report of one window by another hand: made by Evidently on demand, kept for download."""
