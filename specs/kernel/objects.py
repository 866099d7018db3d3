"""The things of which there are several: devices, users, domains, drivers, failures.

The scalarsets are the scopes of a search. The domains are an enum, so that a trace
names them as a mail would; a third user domain is one more member and one more entry in
`USER_DOMAINS`.
"""

from enum import Enum
from typing import Annotated

from modelcheck import Scalarset


class Device(Scalarset, size=2):
    """A `struct device` that belongs in the one group of the model."""


class File(Scalarset, size=1):
    """A user: the open file of a VFIO container, which is what `owner` points to."""


class Failure(Scalarset, size=1):
    """One attach that the IOMMU driver refuses: the fuel of failure injection."""


class Domain(Enum):
    """A `struct iommu_domain`, told apart by who allocates it."""

    DEFAULT = 0
    PRIVATE = 1
    USER_A = 2
    USER_B = 3
    IDENTITY = 4
    BLOCKING = 5


class Driver(Enum):
    """What kind of driver is bound to a device."""

    DMA_API = 0
    PRIVATE_DOMAIN = 1
    PRIVATE_UNFLAGGED = 2
    VFIO = 3


class Errno(Enum):
    """What a function of the kernel returns."""

    OK = 0
    EPERM = 1
    ENOMEM = 12
    EBUSY = 16
    ENODEV = 19
    EINVAL = 22
    EPROBE_DEFER = 517


USER_DOMAINS = (Domain.USER_A, Domain.USER_B)
PRIVATE_DOMAIN_DRIVERS = (Driver.PRIVATE_DOMAIN, Driver.PRIVATE_UNFLAGGED)
NO_KERNEL_API_DMA = (Driver.PRIVATE_DOMAIN, Driver.VFIO)

# Two claims for each device (use_dma_api() and attach_device()), one for each user.
Refcount = Annotated[int, range(0, 2 * len(Device) + len(File) + 1)]
Fuel = Annotated[int, range(0, len(Failure) + 1)]
