"""Kill -9 at random moments during syncs under load; answers are judged over HTTP, the database by plain SQL."""
