"""Documents as data, and how each format writes them. Knows nothing of the features."""
