"""Signatures: who stood for what, when, in which role, and over which bytes."""
