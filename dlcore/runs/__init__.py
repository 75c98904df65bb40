"""Runs and the store they are kept in: the only truth between pages and workers."""
