"""Who does the work: processes of this machine, which end when the process that started them does, or a cluster."""

from gaupt.workers.crew import Crew as Crew
from gaupt.workers.crew import local_crew as local_crew
from gaupt.workers.engine import LOCAL as LOCAL
from gaupt.workers.engine import Engine as Engine
from gaupt.workers.engine import open_crew as open_crew
from gaupt.workers.pool import STARTING as STARTING
from gaupt.workers.pool import default_workers as default_workers
from gaupt.workers.pool import worker_pool as worker_pool
