"""A workspace to look at: four real models, trained here on real data, and the people who govern them."""
