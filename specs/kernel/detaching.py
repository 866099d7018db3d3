"""What an IOMMU really does with a device whose domain is detached.

Until Linux 6.2 `ops->detach_dev()` promised nothing: some drivers block the device,
some let it pass untranslated, and some do nothing at all, so that the table entry keeps
its domain (commit 0286300e6045, "iommu: iommu_group_claim_dma_owner() must always
assign a domain"). All three are searched.
"""

from enum import Enum

from kernel.hardware import IommuHardware
from kernel.objects import Device, Domain


class Detach(Enum):
    """What `ops->detach_dev()` leaves in the table entry."""

    BLOCKS = 0
    IDENTITY = 1
    NOTHING = 2


class DetachingHardware(IommuHardware):
    """`detach` is how the driver of this IOMMU was written."""

    detach: Detach
    live = {Domain.DEFAULT, Domain.IDENTITY, Domain.BLOCKING}

    # Ghost: an attach read the domain that it replaced, which had been freed.
    freed_domain_read: bool = False

    def ops_attach_dev(self, domain: Domain, dev: Device) -> None:
        """The driver looks at the domain that the table entry had until now."""
        old = self.hw[dev]
        if old is not None and old not in self.live:
            self.freed_domain_read = True
        super().ops_attach_dev(domain, dev)

    def ops_detach_dev(self, dev: Device) -> None:
        """Block, pass through, or do nothing at all."""
        if self.detach is Detach.NOTHING:
            return
        super().ops_detach_dev(dev)
        if self.detach is Detach.IDENTITY:
            for other in Device:
                if self.alias or other is dev:
                    self.hw[other] = Domain.IDENTITY
            if len(self.switching) > 0:
                self.default_gap = True
