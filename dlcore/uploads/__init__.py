"""Own images: out of zips and folders, decoded within a budget in a process of their own, sorted into classes."""
