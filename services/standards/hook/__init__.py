"""Webhooks by which git repositories tell that something was pushed."""
