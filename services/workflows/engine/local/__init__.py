"""The engine of this machine: a supervisor beside each attempt, which outlives whoever started it."""
