"""Measurements beside a reference, run by hand with ``python -m bench``; never part of the tests.

Times on a shared machine mean little by themselves, so wherever there is something to compare with, both
are measured in turn in one run, and the ratio of each pair is what counts.
"""
