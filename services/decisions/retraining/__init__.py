"""A request for a new model: why, with which recipe, at which price, who allowed it, what came of it."""
