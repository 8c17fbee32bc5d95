"""What people decide: cards, reviews, promotions."""
