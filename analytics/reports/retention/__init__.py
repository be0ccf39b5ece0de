"""Retention: how long what people did must be kept, as requirements say it.

Nothing is deleted here, or by anybody on a schedule. What is told is who may not be
made anonymous yet, since then nobody could say any more whose training it was.
"""
