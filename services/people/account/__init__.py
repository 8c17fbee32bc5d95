"""People, their roles, and the keys under which what is said about them is sealed."""
