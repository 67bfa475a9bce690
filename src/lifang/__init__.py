"""lifang (里坊): the case loop and the score of a civilised city, joined."""

__version__ = "0.1.0"
