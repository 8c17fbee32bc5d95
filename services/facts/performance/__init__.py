"""How well a version does, with intervals."""
