"""How far today's data are from the data a model learned from: profiles that add up, and distances."""
