"""From the bytes of a stranger's file to plain RGB; :mod:`dlcore.images` is the door."""
