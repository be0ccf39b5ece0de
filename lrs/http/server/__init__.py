"""The web server's worker, for clients of any kind: the slow ones hold nobody up.

gunicorn's own worker with threads reads requests and writes answers in a thread each:
as many clients as there are threads, a byte at a time, keep all others out. Here a
thread has a request when all of it has come (``arrival``, ``framing``), and leaves an
answer that its client does not read (``outgoing``, ``connections``). What is read and
refused is gunicorn's (``refusals`` says how); ``limits`` has the bounds of it all.
"""

from lrs.http.server.limits import Limits
from lrs.http.server.worker import Worker

__all__ = ["Limits", "Worker"]
