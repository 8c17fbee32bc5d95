"""The page of one retrain ticket, part by part."""
