"""The door: HTTP in, problems out; it knows no database."""
