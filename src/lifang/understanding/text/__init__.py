"""Text → label, learnt from labelled messages or, where there are none, from the labels' own words.

``features`` and ``alike`` turn messages into grams and groups, ``learn`` and ``naming`` make a
:class:`~lifang.understanding.text.model.Model`, ``scores`` measures it, ``card`` describes it,
``samples`` reads the files that a city brings. No database is touched. Needs the extra
``lifang[understanding]``; nothing heavy is imported before it is used.
"""
