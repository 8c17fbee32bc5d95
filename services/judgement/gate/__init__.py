"""Holds evidence against a policy and gives the verdict; it reads and never measures."""
