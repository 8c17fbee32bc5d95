"""The HTTP API: what machines may ask, with a token and within its scopes."""
