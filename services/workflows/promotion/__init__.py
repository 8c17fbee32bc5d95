"""Moving an alias to what was signed, exactly once."""
