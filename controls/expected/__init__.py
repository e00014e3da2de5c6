"""What should come and does not: expected payments and files, learnt from their rhythm, announced, or added by hand.

``learning`` and ``announced`` say what is expected, ``looking`` sees what came and raises an alert for what is missing.
People add, end and excuse. Statements of accounts are not among it.
"""

from backoffice.common.errors import Answer
from controls.expected.acts import add, end, excuse

__all__ = ["Answer", "add", "end", "excuse"]
