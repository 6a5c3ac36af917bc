"""Wide networks."""
