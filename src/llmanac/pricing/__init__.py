"""What prices mean: their conditions, which are due when, what counts are billed at. Pure, exact."""
