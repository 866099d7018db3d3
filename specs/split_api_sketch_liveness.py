"""What split_api_sketch.py does in the end."""

from kernel.liveness import Liveness
from split_api_sketch import SplitApiSketch


class SplitApiSketchLiveness(Liveness, SplitApiSketch):
    """x."""
