"""What a model, a team or an experiment may spend, and who is told when it comes near."""
