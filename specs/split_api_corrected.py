"""The split API, as corrected on 24 December 2021 by Jason Gunthorpe.

"It is just a mistake, I made this very fast. It should work as your patch had it with a
++." In the same mail iommu_attach_device() gives up the rule of 2015: "its logic should
instead check for the owner_cnt == 1 and then transform the group"; after that, "we rely
on iommu_device_use_dma_api() to block further users of the group".
iommu_group_set_dma_owner() is not touched.

Left out: drivers that are flagged `no_kernel_api_dma` and have a domain of their own.
They would call iommu_attach_device_shared(), of which no code without the enum exists.

Link: https://lore.kernel.org/r/20211224025036.GD1779224@nvidia.com
"""

from kernel import twins
from kernel.objects import Device, Domain, Driver, Errno
from kernel.properties import DmaOwnership
from modelcheck import VIOLATED, invariant, reachable, require, transition
from split_api_sketch import SplitApiSketch


class SplitApiCorrected(SplitApiSketch, floor=190_000):
    """The function that the mail types again, and the one that it describes."""

    async def really_probe(self, dev: Device, driver: Driver) -> Errno:
        """Flagged drivers with a domain of their own are left out."""
        require(driver is not Driver.PRIVATE_DOMAIN)
        return await super().really_probe(dev, driver)

    async def iommu_device_use_dma_api(self, dev: Device) -> Errno:
        """24 December: the domain is looked at only if somebody is there."""
        async with self.mutex:
            if self.owner_cnt != 0 and (
                self.domain is not self.default_domain or self.owner is not None
            ):
                return Errno.EBUSY
            self.owner_cnt += 1
            self.dma_api_users.add(dev)
        return Errno.OK

    async def iommu_attach_device(self, domain: Domain, dev: Device) -> Errno:
        """24 December: the driver core's claim for `dev` must be the only one."""
        async with self.mutex:
            if self.owner_cnt != 1:
                return Errno.EINVAL
            ret = self._iommu_attach_group(domain)
            if ret is Errno.OK:
                self.attached.add(dev)
        return ret

    async def iommu_detach_device(
        self,
        domain: Domain,  # noqa: ARG002 - the group is detached from whatever it is on
        dev: Device,
    ) -> None:
        """24 December: the number of devices does not matter any more."""
        async with self.mutex:
            self.attached.discard(dev)
            self._iommu_detach_group()

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="dev0's driver is the only one and attaches the group: dev0 moves to "
        "the private domain, dev1 refuses, and __iommu_attach_group() leaves it at "
        "that.",
    )
    def one_domain_for_all_devices(self) -> bool:
        """I1: the loop stops at the first error and nobody unwinds it."""
        return super().one_domain_for_all_devices()

    @invariant(
        expect=VIOLATED,
        because="dev1's driver may attach, because it is the only one that is counted; "
        "dev0 moves, dev1 refuses; `domain` is not changed, and dev0's DMA-API driver "
        "is let in.",
    )
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4: the driver's DMA goes where the failed attach left the hardware."""
        return super().dma_api_driver_on_default_domain()

    @invariant
    def no_warn_or_underflow(self) -> bool:
        """I7: the WARN_ON() about the size of the group went with the rule."""
        return super().no_warn_or_underflow()

    @invariant(
        expect=VIOLATED,
        because="dev0's driver attaches the group: dev0 moves, dev1 refuses, probe() "
        "fails and frees the domain: dev0's table entry points to freed memory.",
    )
    def no_freed_domain_in_hardware(self) -> bool:
        """I9: the caller of a failed attach may free the domain, and does."""
        return super().no_freed_domain_in_hardware()

    @transition(
        expect=VIOLATED,
        because="attach_device() returns ENOMEM with dev0 on the new domain.",
    )
    def failed_call_changes_nothing(self, after: DmaOwnership) -> bool:
        """I17: an error code does not mean that nothing happened."""
        return super().failed_call_changes_nothing(after)

    @invariant(
        expect=VIOLATED,
        because="dev1's IOMMU driver has let go of it, but it is still in the list "
        "when dev0's driver attaches the group.",
    )
    def released_device_stays_detached(self) -> bool:
        """The release and the removal from the list are two critical sections."""
        return super().released_device_stays_detached()

    @reachable
    def siblings_both_bound(self) -> bool:
        """L6: "it should work as your patch had it with a ++"."""
        return super().siblings_both_bound()

    @reachable(
        expect=VIOLATED,
        because="once dev0's driver has attached, use_dma_api() refuses dev1's, as the "
        "group is not on the default domain; and while both are counted neither may "
        "attach.",
    )
    def siblings_share_a_private_domain(self) -> bool:
        """The claim is "to block further users of the group", and it does."""
        return super().siblings_share_a_private_domain()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    SplitApiCorrected,
    breaks=(
        "no_kernel_dma_beside_a_user",
        "owner_cnt_exact",
        "one_owner_at_a_time",
        "no_warn_or_underflow",
    ),
):
    """A driver is let in without `owner_cnt++`."""


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    SplitApiCorrected,
    breaks="replace_never_passes_through_default",
):
    """The group is on the default domain between two others."""


class AddsUnderTheLock(twins.AddsUnderTheLock, SplitApiCorrected, breaks="deadlock"):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(twins.AddsTwice, SplitApiCorrected, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""
