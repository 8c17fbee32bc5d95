"""Who works here: accounts, sessions, tokens, teams."""
