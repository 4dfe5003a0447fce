"""Case management for an equal-treatment bureau."""
