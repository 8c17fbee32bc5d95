"""Views of a page that a person keeps for later."""
