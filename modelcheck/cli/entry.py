"""Where the command starts: what must be true before anything slow is imported.

From here on Ctrl-C ends the command with one line and a status, also while it is still
being loaded, and SIGTERM (`timeout`, a batch system, a shutdown) is the same wish: a
search that is told to end so says what it has found.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType

INCONCLUSIVE = 30
"""`Exit.INCONCLUSIVE`, which is not imported yet."""


def main() -> None:
    """Run the command line; ends by `SystemExit`."""
    try:
        signal.signal(signal.SIGTERM, _as_interrupt)
        from modelcheck.cli.main import main as run

        run()
    except KeyboardInterrupt:
        print("modelcheck: interrupted", file=sys.stderr)
        sys.exit(INCONCLUSIVE)


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    # Whoever waits for Ctrl-C at this moment is the one to be told.
    signal.raise_signal(signal.SIGINT)
