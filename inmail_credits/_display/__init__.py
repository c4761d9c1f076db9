"""How objects show themselves: one description, written as text by ``print()`` and as HTML in notebooks.

Needs nothing but the standard library; loaded only when something is shown.
"""
