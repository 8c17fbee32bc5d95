"""What asks for a new model by itself: alerts, the schedule, new outcomes, the end of an approval."""
