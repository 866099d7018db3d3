"""What must be possible in every design, or its verdicts would say nothing.

The goals of `DmaOwnership`, and the rest of the usual stories: a user's group grows and
shrinks, VFIO sits beside a driver that uses the DMA API, a driver that the driver core
has claimed for attaches its own domain. None of them needs a ghost.
"""

from kernel.objects import Device, Domain, File
from kernel.populated import PopulatedGroup
from kernel.properties import DmaOwnership
from modelcheck import reachable


class HappyPaths(DmaOwnership, PopulatedGroup):
    """A group that may be complete from the start, and what it is for."""

    def has_user_attached(self, domain: Domain) -> bool:
        """Whether a user has attached `domain`."""
        return any(self.vfio_domain[file] is domain for file in File)

    @reachable
    def vfio_beside_a_kernel_driver(self) -> bool:
        """VFIO is bound to one device, a DMA-API driver to the other: claims fail."""
        return len(self.vfio_devices) > 0 and len(self.dma) > 0

    @reachable
    def newcomer_follows_the_user(self) -> bool:
        """A device is added to a group that a user is attached to, and follows."""
        return (
            self.has_user_attached(Domain.USER_A)
            and len(self.joining) > 0
            and all(self.hw[dev] is Domain.USER_A for dev in Device)
        )

    @reachable
    def user_keeps_the_rest(self) -> bool:
        """A device is removed from a group; a user stays attached to the other one."""
        return (
            self.has_user_attached(Domain.USER_A)
            and len(self.leaving) > 0
            and all(
                self.hw[dev] is Domain.USER_A for dev in Device if self.is_settled(dev)
            )
        )


class CountedDrivers(HappyPaths):
    """Where the driver core claims for drivers with a domain of their own."""

    @reachable
    def counted_driver_has_its_domain(self) -> bool:
        """A driver that the driver core has claimed for attaches its own domain."""
        return any(dev in self.dma_api_users and dev in self.attached for dev in Device)
