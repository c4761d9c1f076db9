"""The engine: draws, calendar and the two loops over the steps of a path, in that order of reading.

``philox`` is the random generator, ``draws`` what a path wants and what becomes of each message,
``calendar`` what time alone does. ``loop`` is the general loop over the steps of one path, with credits as
``lots``; ``queue`` is a quicker form of it for the plans under which credits burn in the order received. Both
give the same bits where both apply. ``recorder`` keeps what a result needs. These modules (and ``batch``,
which calls them for every member and path) are plain Python over arrays, compiled by Numba at first use.

``prepare`` turns plans, accounts and behaviours into the arrays of ``tables``.
"""
