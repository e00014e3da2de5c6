"""Recalls: payments of ours that are asked back (camt.056 out, camt.029 in), and those that are asked of us.

``asking`` holds the verbs of our own, ``answers`` what banks say to them, ``returned`` what comes back; ``requests``
takes in what others ask and answers it; ``files`` writes the messages; ``deadlines`` knows the days. Nothing is
imported here, because the workflow and the messages of the bank use parts of it.
"""
