"""The audit export: what an auditor asks for, in one file that can be verified.

``export`` says what goes in, ``verifying`` holds a file against its manifest. The file
is a function of the tenant, the unit, as_of, known_at, the requirement files and the
program: no clock, nobody's name and nothing recorded later is in it.
"""
