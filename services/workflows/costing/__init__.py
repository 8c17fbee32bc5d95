"""What models cost, worked out by the worker from what happened: runs, requests, servers."""
