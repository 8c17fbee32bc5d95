"""Taking away files that nothing needs: ordered by a person, after a while, looked at again before it is done."""
