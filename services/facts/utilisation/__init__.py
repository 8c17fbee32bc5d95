"""How busy the hardware of a run was: GPUs and processors, weighed by time; what nobody sampled is unknown."""
