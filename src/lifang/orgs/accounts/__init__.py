"""Signing in and staying signed in: passwords, second factor, sessions, single sign-on."""
