"""How fast and how reliably a model answered: latency, throughput, errors."""
