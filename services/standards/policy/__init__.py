"""How we choose to meet obligations: versioned YAML."""
