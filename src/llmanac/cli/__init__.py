"""The command line: one command a file, thin. Commands import what they need when they run, so that all start fast."""
