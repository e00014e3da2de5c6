"""Screening: names against lists of sanctioned, politically exposed and unwanted persons. Misses nothing by its rule.

``normal`` makes a name comparable, ``rule`` says how alike two are, ``index`` finds every listed name that the rule
would find and hardly another. These three know neither the database nor Django.
"""
