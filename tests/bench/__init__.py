"""Benchmarks: speed beside other servers, cost as the store grows. Not tests."""
