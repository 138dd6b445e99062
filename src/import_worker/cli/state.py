"""What the global options and the signals say to the whole program."""

import threading
from dataclasses import dataclass


@dataclass
class State:
    """Set by the global options and the environment, read by the commands and by whoever tells of errors."""

    debug: bool = False
    production: bool = False
    stage: str = "local"


state = State()
stop = threading.Event()
"""Set by SIGTERM and SIGINT while a worker runs."""
