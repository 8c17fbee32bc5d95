"""Programs that run on the nodes of a cluster: Python and nothing of ours is needed there."""
