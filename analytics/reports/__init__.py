"""Reports: one .sql file per question, run by DuckDB over the lake."""
