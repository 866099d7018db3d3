"""What mainline_7_0.py does in the end."""

from kernel.liveness import ResetLiveness
from mainline_7_0 import Linux70


class Linux70Liveness(ResetLiveness, Linux70):
    """x."""
