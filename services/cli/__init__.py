"""The command line: ``countersign NOUN VERB``."""
