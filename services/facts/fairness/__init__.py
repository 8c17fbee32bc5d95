"""How a version treats groups of people."""
