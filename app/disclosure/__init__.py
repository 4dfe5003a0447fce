"""Disclosure control: which figures may leave the bureau so that no small count can be told.

Pure methods; what is published, and when, is decided by those who use them.
"""
