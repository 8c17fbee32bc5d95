"""Where people are told: channels, and what each needs."""
