"""The command line is called here as its own tests call it."""

from tests.cli.conftest import gaupt as gaupt
from tests.training.conftest import finished as finished
