"""The kernel before groups had a default domain, or any domain at all (to 2015).

The IOMMU driver serves the DMA API by itself; a table entry that nobody attached a
domain to is its own business, and None here. So `default_domain` and `domain` are None
for ever, and what is asked about the group's domain is asked about the devices.
"""

from kernel.objects import Device, Domain
from kernel.populated import PopulatedGroup
from kernel.properties import DmaOwnership
from modelcheck import choose, init, invariant, transition


class BeforeDomains(PopulatedGroup, DmaOwnership):
    """What a group that records nothing still promises."""

    default_domain: Domain | None = None
    domain = None

    @init
    def boot(self) -> None:
        """One device is there, or all of them; nothing is attached to them."""
        first = choose(Device)
        self.devices.append(first)
        if choose(bool):
            for dev in Device:
                if dev is not first:
                    self.devices.append(dev)

    @invariant
    def one_domain_for_all_devices(self) -> bool:
        """I1, the weak form: at unlock all devices are on one domain, whichever.

        "People realized that iommu_attach_device() allowed different device in a same
        group to attach different domain. This was not in line with the concept of iommu
        group" (cover letter of 6 January 2022).
        """
        return self.mutex.locked() or not any(
            self.hw[dev] is not self.hw[other]
            for dev in Device
            for other in Device
            if self.is_settled(dev) and self.is_settled(other)
        )

    @invariant
    def no_freed_domain_in_hardware(self) -> bool:
        """I9: no table entry points to a freed domain, in the group or out of it."""
        return not any(self.is_freed(self.hw[dev]) for dev in Device)

    @transition
    def newcomer_inherits_the_domain(self, after: DmaOwnership) -> bool:
        """I10: once added, a device is on the domain of those that were there."""
        return not any(
            after.hw[dev] is not after.hw[other]
            for dev in Device
            for other in Device
            if not self.is_settled(dev)
            and after.is_settled(dev)
            and self.is_settled(other)
        )
