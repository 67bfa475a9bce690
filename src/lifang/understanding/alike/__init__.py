"""How alike two messages are: words (``text``), names (``names``), many at once (``corpus``), and how
good that is (``measures``). Knows no case: candidates are searched by whoever has them."""
