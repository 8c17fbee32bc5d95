"""What training scripts run in: environments by the digest of their lock, built once."""
