"""What dma_ownership_v5.py does in the end."""

from kernel.liveness import Liveness
from dma_ownership_v5 import DmaOwnershipV5


class DmaOwnershipV5Liveness(Liveness, DmaOwnershipV5):
    """x."""
