"""A stream from real rows: what a version answered to them, told to the prediction log day by day."""
