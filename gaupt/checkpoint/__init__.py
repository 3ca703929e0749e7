"""The format of a checkpoint, and the loader of every MODEL: a run, a checkpoint or an exported folder."""
