"""The score: what an edition, a round and its facts come to, what was lost by whom, what to mend first.

Everything in ``engine``, ``sampling``, ``planner``, ``compare`` and ``table`` is pure: no database, no
clock, no settings. ``docs/assessment.md`` has the model, the formulas and the files.
"""
