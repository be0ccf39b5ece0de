"""Analytics: workforce context, enrichment, reports, charts and the manager's pages.

Walk: workforce -> enrichment (as-of join) -> lake -> reports -> charts -> web.
Reaches the LRS through lrs.feed only.
"""
