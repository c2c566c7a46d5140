"""Jobs on a Dask cluster: the engine that hands them out, and what runs on the workers."""
