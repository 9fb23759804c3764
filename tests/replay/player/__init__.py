"""A process with an engine of its own; importing this starts it.

The engine walks all request tokens of ten minutes in every transaction: a run of tens of thousands
leaves them out. The conditions of our transactions do what a token does for a retry of the SDK.
"""

from infra.local import tokens

tokens.leave_out()

from tests import support  # noqa: E402 - the SDK's sessions are made when it is imported

support.lasting_engine()
