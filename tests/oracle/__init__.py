"""A second, independent reading of the arithmetic of a status.

`model` answers report compliance_status slowly and plainly, `histories` makes random
small worlds to compare it with the product's SQL, `builders` makes single rows.
Nothing here imports the product.
"""
