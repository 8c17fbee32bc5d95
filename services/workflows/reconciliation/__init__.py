"""Holding what MLflow says against what was approved."""
