"""The one exception for mistakes that the user can mend."""


class GauptError(Exception):
    """The user's input or options are wrong.

    The message is one line: what is wrong, where, and what to do. The command line prints it
    without a traceback and exits with status 2. Every other exception is a bug and keeps its traceback.
    """
