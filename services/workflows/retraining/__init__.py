"""Carrying a ticket out: quote, train, compare, register, each exactly once."""
