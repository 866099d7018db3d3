"""What dma_owner_enum_v4.py does in the end."""

from kernel.liveness import Liveness
from dma_owner_enum_v4 import DmaOwnerEnumV4


class DmaOwnerEnumV4Liveness(Liveness, DmaOwnerEnumV4):
    """x."""
