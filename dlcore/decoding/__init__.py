"""From the bytes of a stranger's file to plain RGB; :mod:`dlcore.pictures` is the door."""
