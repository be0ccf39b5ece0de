"""Effects of training on performance, each with its assumptions."""
