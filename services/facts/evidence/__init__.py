"""Filed numbers: immutable, with sample size, interval, method and producer."""
