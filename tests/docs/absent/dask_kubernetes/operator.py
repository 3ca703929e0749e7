"""Takes the arguments of dask-kubernetes' documentation."""


class KubeCluster:
    def __init__(
        self,
        *,
        name: str,
        image: str,
        n_workers: int,
        env: dict[str, str],
        shutdown_on_close: bool,
        worker_command: str,
    ) -> None: ...
