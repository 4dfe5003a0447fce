"""What the bureau does so that discrimination does not happen again, and on what it rests."""
