"""What MLflow says exists, mirrored, with every alias move ever seen."""
