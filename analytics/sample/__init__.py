"""A sample company made from a seed, written as the files a user would bring."""

from analytics.sample.company import SampleFiles, generate

__all__ = ["SampleFiles", "generate"]
