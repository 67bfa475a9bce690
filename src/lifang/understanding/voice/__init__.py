"""Recordings: what was said, written down by a machine and corrected by people."""
