"""Something went wrong: who noticed, what was done, which clock runs."""
