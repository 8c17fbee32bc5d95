"""Measuring a version, step by step."""
