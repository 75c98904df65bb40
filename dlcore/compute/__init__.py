"""Where networks compute: the engine, the connection to it, its queue of runs, and the device of a worker."""
