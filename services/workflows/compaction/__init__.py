"""Moving the prediction log from its journal into Parquet files, and letting go of what is old."""
