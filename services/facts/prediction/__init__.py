"""The prediction log: what a model said in production, and later what was true."""
