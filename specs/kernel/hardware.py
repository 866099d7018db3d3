"""What the IOMMU does, as against what the group believes that it does.

Most of the holes argued about are disagreements between `hw[dev]` and the group's
`domain`, so the two are separate variables. What an IOMMU does with a device whose
domain was detached depends on its driver (it blocks, passes everything through or keeps
the stale domain); here it blocks, the kindest case. A spec of the others overrides
`ops_detach_dev()`.
"""

from kernel.objects import Device, Domain, Errno, Failure, File, Fuel
from modelcheck import Spec, choose


class IommuHardware(Spec):
    """The domain that translates each device's DMA, and which domains still exist.

    With `alias` all devices share one requester id, hence one entry of the hardware's
    table: attaching one of them attaches all (Joerg Roedel, 19 November 2021). Both
    kinds of group are searched.
    """

    alias: bool
    hw: dict[Device, Domain | None] = {dev: None for dev in Device}
    live: set[Domain] = {Domain.DEFAULT}
    failures: Fuel = 0

    # Ghosts: a WARN_ON() does not stop the kernel, so the flags do not stop the run.
    warned: bool = False
    reattach_warned: bool = False
    switching: set[File] = set()
    default_gap: bool = False

    def ops_attach_dev(self, domain: Domain, dev: Device) -> None:
        """The driver's attach_dev(), where it succeeds: no detach comes first.

        It writes the table entry of `dev`, which with `alias` is everybody's entry.
        """
        for other in Device:
            if self.alias or other is dev:
                self.hw[other] = domain
        if domain is Domain.DEFAULT and len(self.switching) > 0:
            self.default_gap = True

    def ops_detach_dev(self, dev: Device) -> None:
        """The driver's detach_dev(): the device reaches nothing."""
        for other in Device:
            if self.alias or other is dev:
                self.hw[other] = None

    def ops_release_device(self, dev: Device) -> None:
        """The driver's release_device(): it lets go of `dev`, whatever detach does.

        With `alias` the table entry is the others' as well, and stays.
        """
        if not self.alias:
            self.hw[dev] = None

    def may_refuse(self) -> bool:
        """Whether the driver may refuse an attach: `Failure` times, or never."""
        return self.failures < len(Failure)

    def _iommu_attach_device(self, domain: Domain, dev: Device) -> Errno:
        """`__iommu_attach_device()`, which fails if the driver refuses."""
        if self.may_refuse() and choose(bool):
            self.failures += 1
            return Errno.ENOMEM
        self.ops_attach_dev(domain, dev)
        return Errno.OK
