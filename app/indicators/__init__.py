"""The plans of the city, their norms, and how they stand."""
