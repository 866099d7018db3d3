"""Linux 7.0: a PCI device is blocked while it is reset.

Commit c279e83953d9 ("iommu: Introduce pci_dev_reset_iommu_prepare/done()"), by Nicolin
Chen, on the group of Linux 6.5; the code is that of v7 4/5. From prepare to done nobody
may change the domain of the group: __iommu_group_set_domain_internal() returns EBUSY,
also to those who must succeed.

Left out: PASIDs, attaches that fail, and drivers with a domain of their own.

Link: https://lore.kernel.org/r/31486e8017284e547b04d2be5110522a777d8379.1763775108.git.nicolinc@nvidia.com
"""

from kernel import reset_twins, twins
from kernel.objects import Device, Domain, Driver, Errno
from kernel.pci_reset import PciReset
from mainline_6_5 import Linux65
from modelcheck import VIOLATED, invariant, reachable, require


class Linux70(Linux65, PciReset, floor=170_000, models="drivers/iommu/iommu.c"):
    """drivers/iommu/iommu.c at commit c279e83953d9."""

    alias = False

    def may_refuse(self) -> bool:
        """No attach fails."""
        return False

    async def really_probe(self, dev: Device, driver: Driver) -> Errno:
        """Drivers with a domain of their own are left out."""
        require(driver in {Driver.DMA_API, Driver.VFIO})
        return await super().really_probe(dev, driver)

    def _group_set_domain(self, new: Domain) -> Errno:
        """Nothing to do comes before "concurrent attach during a device reset"."""
        if self.domain is not new and self.resetting_domain is not None:
            return Errno.EBUSY
        return super()._group_set_domain(new)

    def _group_set_domain_nofail(self, new: Domain) -> None:
        """MUST_SUCCEED does not help: it warns, and changes nothing."""
        if self.domain is not new and self.resetting_domain is not None:
            self.reattach_warned = True
            return
        super()._group_set_domain_nofail(new)

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant
    def one_domain_for_all_devices(self) -> bool:
        """I1: no attach fails here."""
        return super().one_domain_for_all_devices()

    @invariant
    def no_warn_or_underflow(self) -> bool:
        """I7: no driver has a domain of its own here."""
        return super().no_warn_or_underflow()

    @invariant(
        expect=VIOLATED,
        because="dev0 is being reset when the user releases its claim: the "
        "default domain is refused with EBUSY, and the release has no "
        "way to say so.",
    )
    def no_warn_on_reattach(self) -> bool:
        """I7: MUST_SUCCEED is told EBUSY."""
        return super().no_warn_on_reattach()

    @invariant(
        expect=VIOLATED,
        because="dev0 is being reset when VFIO detaches: the group stays on the "
        "user's domain, which VFIO then frees.",
    )
    def no_freed_domain_in_the_group(self) -> bool:
        """I9: pci_dev_reset_iommu_done() is going to attach it again."""
        return super().no_freed_domain_in_the_group()

    @invariant(
        expect=VIOLATED,
        because="dev0 and dev1 are reset at the same time.",
    )
    def resets_do_not_meet(self) -> bool:
        """I7: one `resetting_domain` for all devices of the group."""
        return super().resets_do_not_meet()

    @reachable(
        expect=VIOLATED,
        because="drivers with a domain of their own are left out here.",
    )
    def private_domain_detached(self) -> bool:
        """That is the story of mainline_6_5.py."""
        return super().private_domain_detached()

    @reachable(
        expect=VIOLATED,
        because="no device is added here.",
    )
    def newcomer_follows_the_user(self) -> bool:
        """That is the story of mainline_6_5.py."""
        return super().newcomer_follows_the_user()

    @reachable(
        expect=VIOLATED,
        because="no device is removed here.",
    )
    def user_keeps_the_rest(self) -> bool:
        """That is the story of mainline_6_5.py."""
        return super().user_keeps_the_rest()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    Linux70,
    breaks=(
        "no_kernel_dma_beside_a_user",
        "one_owner_at_a_time",
        "owner_cnt_exact",
        "no_warn_or_underflow",
    ),
):
    """A driver is let in without `owner_cnt++`."""


class DriverLeavesItsDomain(
    twins.DriverLeavesItsDomain,
    reset_twins.UnplugsBesideResets,
    Linux70,
    breaks=(
        "private_domain_stable_until_detach",
        "dma_api_driver_on_default_domain",
        "idle_group_is_clean",
        "no_freed_domain_in_hardware",
    ),
):
    """A DMA-API driver frees a domain of its own that the group is on."""


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    Linux70,
    breaks=("replace_never_passes_through_default", "user_reaches_only_its_own_memory"),
):
    """The group is on the default domain between two others."""


class DetachDoesNothing(
    twins.DetachDoesNothing, Linux70, breaks="driver_reads_no_freed_domain"
):
    """The group stays on the domain that it should leave."""


class NobodyIsMovedBack(
    twins.NobodyIsMovedBack,
    Linux70,
    breaks=("failed_call_changes_nothing", "one_domain_for_all_devices"),
):
    """Attaches may fail, and end the walk as they did in 6.0."""


class NewcomerIsNotAttached(
    twins.NewcomerIsNotAttached,
    reset_twins.UnplugsBesideResets,
    Linux70,
    breaks="newcomer_inherits_the_domain",
):
    """A newcomer joins the list, and that is all."""


class ReleasedDeviceIsBlocked(
    twins.ReleasedDeviceIsBlocked,
    reset_twins.UnplugsBesideResets,
    Linux70,
    breaks="released_device_stays_detached",
):
    """A device is blocked for good, after the IOMMU driver has let go of it."""


class AddsUnderTheLock(
    twins.AddsUnderTheLock, reset_twins.UnplugsBesideResets, Linux70, breaks="deadlock"
):
    """iommu_probe_device() asks for a mutex that it holds."""


class AddsTwice(
    twins.AddsTwice,
    reset_twins.UnplugsBesideResets,
    Linux70,
    breaks="no_evaluation_error",
):
    """A newcomer is in the list twice, which has no room for it."""


class ResetIsNotNoted(
    reset_twins.ResetIsNotNoted,
    Linux70,
    breaks=("device_in_reset_is_blocked", "reset_restores_the_domain"),
):
    """A reset does not keep others from attaching the device."""
