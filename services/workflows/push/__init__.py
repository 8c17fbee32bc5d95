"""What git repositories tell of pushes, and what is trained from them."""
