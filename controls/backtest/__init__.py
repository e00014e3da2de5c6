"""Back-tests: what a version of a rule would have found in a past period, as of each payment's own moment.

``replay`` builds the fact table as it was when each payment was last checked; ``needs`` knows which part of it an
expression asks for; ``runs`` is the life of a back-test; ``figures`` says what it found; ``capacity`` what it costs.
"""
