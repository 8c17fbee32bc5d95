"""Budgets held against what was spent, and against what is likely to be."""
