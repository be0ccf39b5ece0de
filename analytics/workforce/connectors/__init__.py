"""Connectors: HR systems that are asked, instead of files that they deliver.

``connector`` says what a system's module implements; ``session`` speaks
HTTP for all of them, ``login`` proves who we are, ``paging`` follows pages, ``shelf``
and ``wholeness`` join what came and prove that it is all, ``source`` makes deliveries
of it for the engine, ``checking`` says what is wrong with a set-up.
"""

# By the type in [source]: the module of the system, imported when it is used.
MODULES = {
    "rest": "rest",
    "bamboohr": "bamboohr",
    "workday": "workday",
    "successfactors": "successfactors",
    "ukg": "ukg",
    "adp": "adp",
    "oracle_hcm": "oracle_hcm",
    "salesforce": "salesforce",
    "hubspot": "hubspot",
    "dynamics": "dynamics",
}
