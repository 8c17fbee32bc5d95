"""Drawing the drift of a watched version; one file a part of the page."""
