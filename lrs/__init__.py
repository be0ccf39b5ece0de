"""The Learning Record Store: the door, the law, the middle floor and the cellar.

Walk: http -> recording / retrieval -> xapi, cmi5 (rules) -> store (MongoDB).
"""
