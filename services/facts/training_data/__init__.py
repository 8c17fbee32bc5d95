"""The rows that a training takes: read once, told by their digest, looked at before they cost anything."""
