"""Who may see what: tokens, and the one door for rights."""
