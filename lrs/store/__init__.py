"""The cellar: everything that is kept in MongoDB."""
