"""Stands in for dask-jobqueue, which needs SLURM: takes the arguments of its documentation."""


class SLURMCluster:
    scheduler_address = "tcp://10.0.0.1:8786"

    def __init__(self, *, cores: int, processes: int, memory: str, walltime: str) -> None: ...

    def scale(self, *, jobs: int) -> None: ...
