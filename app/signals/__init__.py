"""Detection: what rises above what was to be expected, with the means to say how surely."""
