"""The browser side of Countersign."""
