"""Permission to fail one clause until a date, and kinds of evidence that do not apply."""
