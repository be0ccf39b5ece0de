"""SCIM 2.0, us as the server (RFC 7643, 7644): people as identity providers tell them.

``schema`` and ``dialects`` are what is spoken, ``service`` the resource Users, with
``asking`` (parameters), ``filters`` and ``settling`` (what is kept); ``users`` keeps,
``changes`` makes records of an HR source of it. ``access`` tells whose access is over,
``forgetting`` is for the anonymous. Only what speaks loads the SCIM library: who signs
in to the pages has no need of it.
"""
