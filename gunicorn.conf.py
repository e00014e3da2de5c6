"""Read by gunicorn wherever it starts in this folder.

The address is logged without its query and without the page it came from: people search for names, IBANs and amounts.
"""

import gc
from typing import Any

access_log_format = '%(h)s %(t)s "%(m)s %(U)s" %(s)s %(B)s bytes %(M)s ms'


def post_worker_init(_worker: Any) -> None:
    """What the application loaded stays as long as the process; looking through it for garbage made calls slow now and
    then."""
    gc.collect()
    gc.freeze()
