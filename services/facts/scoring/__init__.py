"""Loading a model where it can do no harm, and asking it for its answers."""
