"""Words that every wing uses; the standard library only."""
