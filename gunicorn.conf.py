"""Read by gunicorn wherever it starts in this folder.

The address is logged without its query and without the page it came from: people search for names, IBANs and amounts.
"""

access_log_format = '%(h)s %(t)s "%(m)s %(U)s" %(s)s %(B)s bytes %(M)s ms'
