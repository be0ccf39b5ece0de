"""Unit tests of the law, one module per module of lrs.xapi."""
