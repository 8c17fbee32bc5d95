"""The door: settings become services."""
