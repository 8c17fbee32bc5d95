"""Where training runs: one port, and an adapter for each engine."""
