"""Lists that lie in files: reading them in, whatever holds them, and writing all of them out."""
