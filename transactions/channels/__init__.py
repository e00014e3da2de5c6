"""Ways to banks: how files go out, once, and how what banks leave for us comes in.

``registry`` keeps the channels, ``sending`` carries files out, ``decisions`` are a person's acts on a file that may
have arrived, ``receipts`` say that it did, ``fetching`` brings in. A kind of channel is one module behind the
protocol of ``ways``: folder, sftp, adapter.
"""
