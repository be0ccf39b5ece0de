"""SCIM 2.0, us as the server (RFC 7643, 7644): people as identity providers tell them.

``schema`` and ``dialects`` are what is spoken, ``service`` the resource Users,
``filters`` and ``users`` how it is asked for and kept, ``access`` whose access has
ended, ``records`` how changes become records of an HR source. Only what speaks needs
the SCIM library: who signs in to the pages does not load it.
"""
