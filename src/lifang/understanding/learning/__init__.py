"""Learning classes from what people decided: samples, models, thresholds, and the page about them.

``models`` the tables, ``judge`` what the model in force says, ``actions`` remember and retrain,
``figures`` what the page shows. The learning itself is in ``understanding.text``.
"""
