"""Signing in, staying signed in, and being shown out."""
