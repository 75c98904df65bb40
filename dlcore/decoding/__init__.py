"""From the bytes of a stranger's file to plain RGB; :mod:`dlcore.decoding.images` is the door."""
