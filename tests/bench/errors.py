"""What ends a benchmark: one sentence, said by the program, exit status 1."""


class BenchError(Exception):
    """A contender could not be started, or answered with an error."""
