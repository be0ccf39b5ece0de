"""Configuration: settings, the web server, constraints, requirements and mappings."""
