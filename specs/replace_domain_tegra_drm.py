"""[PATCH v1 4/8] drm/tegra: Use iommu_attach/detatch_device(), 6 January 2022.

By Jason Gunthorpe, posted by Lu Baolu. The drivers of dc, gr2d, gr3d and vic get the
flag `no_kernel_api_dma`; each client attaches for itself and is counted, or claims the
group for the DMA API. "When the last device calls detatch the domain will be
disconnected."

`domain` is still read without the lock, and with the old helper went its
`if (tegra->domain)`.

Link: https://lore.kernel.org/r/20220106022053.2406748-5-baolu.lu@linux.intel.com
"""

import replace_domain
from kernel import twins
from kernel.objects import Device, Domain, Driver, Errno
from kernel.properties import DmaOwnership
from kernel.tegra_drm import TegraDrm
from modelcheck import VIOLATED, invariant, transition, until
from replace_domain import ReplaceDomain


class ReplaceDomainTegraDrm(
    TegraDrm,
    ReplaceDomain,
    deadlock=VIOLATED,
    because="the thread that dereferenced NULL never gives up the host1x device, and "
    "the unbinding of both clients waits for it.",
    floor=1_300_000,
):
    """host1x_client_iommu_attach() and its opposite, after the patch."""

    tegra_driver = Driver.PRIVATE_DOMAIN

    # Ghost: iommu_attach_device(NULL, dev) looks at domain->type.
    oops: bool = False

    async def host1x_client_iommu_attach(self, dev: Device) -> Errno:
        """The DMA API, if the group is on a domain that is not the shared one."""
        domain = self.domain
        self.explicit.discard(dev)
        if domain is not None and domain is not self.tegra_domain:
            return await self.iommu_device_use_dma_api(dev)
        if self.tegra_domain is None:
            self.oops = True
            await until(lambda: False)
        ret = await self.iommu_attach_device(Domain.PRIVATE, dev)
        if ret is Errno.OK:
            self.explicit.add(dev)
        return ret

    async def host1x_client_iommu_detach(self, dev: Device) -> None:
        """Leave by the way one came."""
        if dev in self.explicit:
            await self.iommu_detach_device(Domain.PRIVATE, dev)
            self.explicit.discard(dev)
        else:
            await self.iommu_device_unuse_dma_api(dev)

    @invariant(
        expect=VIOLATED,
        because="the group has no default domain, and drm/tegra wants none either; "
        "dev0's client attaches it all the same.",
    )
    def no_null_dereference(self) -> bool:
        """I14: host1x_client_iommu_attach() passes a domain that exists."""
        return not self.oops

    @invariant(
        expect=VIOLATED,
        because="a user owns the group because of dev1, so that it has no domain just "
        "now; dev0's client takes this for a group that never has one.",
    )
    def no_null_dereference_with_a_default_domain(self) -> bool:
        """I14: a user of VFIO cannot make the kernel oops.

        The read without the lock and the lost `if`, together.
        """
        return not self.oops or self.default_domain is None

    # What the checker found. Each reason is the story of the shortest trace.

    @invariant(
        expect=VIOLATED,
        because="dev0's client attaches: dev1 moves to the shared domain, dev0 refuses "
        "it, and __iommu_attach_group() leaves it at that.",
    )
    def one_domain_for_all_devices(self) -> bool:
        """I1: the loop stops at the first error and nobody unwinds it."""
        return super().one_domain_for_all_devices()

    @invariant(
        expect=VIOLATED,
        because="a failed attach of dev0's client left dev1 on the shared domain; a "
        "user claims the group because of dev1, and finds no domain to detach.",
    )
    def user_reaches_only_its_own_memory(self) -> bool:
        """I3: a claim trusts `domain`, which says nothing about the hardware."""
        return super().user_reaches_only_its_own_memory()

    @invariant(
        expect=VIOLATED,
        because="dev0's client reads NULL while a user owns the group, attaches when "
        "the user is gone, and cannot get back to the default domain.",
    )
    def no_warn_on_reattach(self) -> bool:
        """I7: without the unlocked read it would have used the DMA API."""
        return super().no_warn_on_reattach()

    @invariant(
        expect=VIOLATED,
        because="after the failed attach of dev0's client, which is then unbound, dev1 "
        "stays on the shared domain; no WARN_ON() tells.",
    )
    def idle_group_is_clean(self) -> bool:
        """I8: nobody is there any more, and one device is on another domain."""
        return super().idle_group_is_clean()

    @invariant(
        expect=VIOLATED,
        because="dev1 is moved to the shared domain, dev0 refuses it, and drm/tegra "
        "frees it: dev1's table entry points to freed memory.",
    )
    def no_freed_domain_in_hardware(self) -> bool:
        """I9: the caller of a failed attach may free the domain, and does."""
        return super().no_freed_domain_in_hardware()

    @invariant(
        expect=VIOLATED,
        because="as for the warning: the default domain cannot be attached again, so "
        "`domain` still points to the shared domain when drm/tegra frees it.",
    )
    def no_freed_domain_in_the_group(self) -> bool:
        """I9: detach_device() returns void; the driver frees the domain anyway."""
        return super().no_freed_domain_in_the_group()

    @transition(
        expect=VIOLATED,
        because="dev1, which shares dev0's table entry, is being added; dev0's client "
        "moves the entry to the shared domain, and then fails for dev1.",
    )
    def newcomer_inherits_the_domain(self, after: DmaOwnership) -> bool:
        """I10: the group says NULL, the table entry does not."""
        return super().newcomer_inherits_the_domain(after)

    @invariant(
        expect=VIOLATED,
        because="dev0's client reads NULL while a user owns the group and attaches "
        "when the user is gone; dev1 is added, gets the default domain, and shares the "
        "table entry.",
    )
    def private_domain_stable_until_detach(self) -> bool:
        """I13: the newcomer takes the domain away, where there is a default one."""
        return super().private_domain_stable_until_detach()


# Twins: each must violate what it names.


class DriverIsNotCounted(
    twins.DriverIsNotCounted,
    ReplaceDomainTegraDrm,
    breaks=("no_kernel_dma_beside_a_user", "owner_cnt_exact", "one_owner_at_a_time"),
):
    """A driver is let in without `owner_cnt++`."""


class SwitchesByWayOfDefault(
    twins.SwitchesByWayOfDefault,
    ReplaceDomainTegraDrm,
    breaks="replace_never_passes_through_default",
):
    """The group is on the default domain between two others."""


class DriverPutsTwice(
    twins.DriverPutsTwice, ReplaceDomainTegraDrm, breaks="no_warn_or_underflow"
):
    """dma_cleanup() is called twice."""


class AddsTwice(twins.AddsTwice, ReplaceDomainTegraDrm, breaks="no_evaluation_error"):
    """A newcomer is in the list twice, which has no room for it."""


class AttachIsNotCounted(
    replace_domain.AttachIsNotCounted, ReplaceDomainTegraDrm, breaks="attach_cnt_exact"
):
    """`attach_cnt++` is gone."""
