"""One screen each: load a view, draw it, pass the form on."""
