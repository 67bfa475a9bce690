"""Measurements: ``python -m bench`` (CPU and SQL), ``python -m bench.kill`` (nothing is lost)."""
