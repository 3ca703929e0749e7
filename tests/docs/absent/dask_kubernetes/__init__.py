"""Stands in for dask-kubernetes, which needs a cluster of Kubernetes."""
