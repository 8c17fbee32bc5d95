"""What is: the registry, the evidence, and the instruments that file it."""
