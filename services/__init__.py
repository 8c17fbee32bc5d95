"""The wings of the house: what is, what ought to be, how they compare, what people decide."""
