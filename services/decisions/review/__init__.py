"""A person looks, then signs, sends back or rejects."""
