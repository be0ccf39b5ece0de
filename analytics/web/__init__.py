"""The manager's pages: sign-in, units, people, the effect of training."""
