"""What a workflow has done already, remembered in our own transaction."""
