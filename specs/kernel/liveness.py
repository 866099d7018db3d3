"""What every design of DMA ownership promises to do in the end: L1 to L8.

The numbers are those of the project's catalogue. A temporal property needs all states
and steps, so the classes here are mixed into a design by a spec of its own,
`NAME_liveness.py`, and the search for safety in `NAME.py` stays as quick as it is.

Fairness. The kernel finishes what it has begun, and a user's process runs; both
strongly, because who waits for a lock or to be woken gets its turn some time. Nobody
has to plug in, bind, unbind or unplug a device, or to close a file: those who want to
keep things as they are may. A DMA-API driver's probe() does not fail for ever. Where a
promise is about a driver that retries, the formula says so.
"""

from typing import Self

from kernel.amd_iommu_v2 import AmdIommuV2
from kernel.objects import Device, Domain, Driver, File
from kernel.pci_reset import PciReset
from kernel.properties import DmaOwnership
from kernel.really_probe import ReallyProbe
from kernel.vfio_container import VfioContainer
from modelcheck import (
    VIOLATED,
    Formula,
    always,
    eventually,
    every,
    fairness,
    implies,
    invariant,
    leads_to,
    reachable,
    temporal,
    transition,
)


class Liveness(DmaOwnership):
    """L1 to L4, L6 and L7; a design comes after this class."""

    def is_in_use(self, dev: Device) -> bool:
        """Whether `dev` has a driver that is neither being probed nor removed."""
        return dev in self.bound and (
            dev in self.dma or dev in self.vfio_devices or dev in self.attached
        )

    def is_busy(self, dev: Device) -> bool:
        """Whether the kernel is in the middle of something with `dev`."""
        return (
            dev in self.joining
            or dev in self.leaving
            or (
                (
                    dev in self.bound
                    or dev in self.dma_api_users
                    or self.driver[dev] is not None
                )
                and not self.is_in_use(dev)
            )
        )

    def is_being_removed(self, dev: Device) -> bool:
        """Whether `dev` is being unbound or unplugged."""
        return dev in self.leaving or (dev in self.bound and not self.is_in_use(dev))

    def is_bound_to_dma_api(self, dev: Device) -> bool:
        """Whether a DMA-API driver has been bound to `dev`, and is not removed."""
        return dev in self.bound and dev in self.dma

    def nobody_holds(self) -> bool:
        """Whether no user and no driver has the group, or a domain to free."""
        return (
            len(self.claims) == 0
            and len(self.dma_api_users) == 0
            and len(self.private_users) == 0
        )

    def is_left_to_dma_api(self) -> bool:
        """Whether no user has the group, and no driver with a domain of its own."""
        return len(self.claims) == 0 and len(self.private_users) == 0

    def is_left_to_users(self) -> bool:
        """Whether all devices are without driver, or VFIO's."""
        return all(
            self.driver[dev] is None or self.driver[dev] is Driver.VFIO
            for dev in Device
        )

    def is_claimable(self) -> bool:
        """Whether a claim that a user makes now would succeed, if no attach fails."""
        return self.owner_cnt == 0 and (
            self.domain is None or self.domain is self.default_domain
        )

    def is_at_rest(self) -> bool:
        """Whether every device is on one of the core's domains, or on none."""
        return all(
            self.hw[dev] is None
            or self.hw[dev] is self.default_domain
            or self.hw[dev] is Domain.BLOCKING
            for dev in self.devices
        )

    @fairness("strong", of="driver_core")
    def kernel_goes_on(
        self,
        after: Self,  # noqa: ARG002 - any step will do
        dev: Device,
    ) -> bool:
        """The kernel finishes what it has begun."""
        return self.is_busy(dev)

    @fairness("strong", of="vfio_user")
    def user_goes_on(
        self,
        after: Self,  # noqa: ARG002 - any step will do
        file: File,  # noqa: ARG002 - which process
    ) -> bool:
        """The user's process runs; it may use what it has for ever."""
        return True

    @fairness("strong", of="driver_core")
    def probe_succeeds(self, after: Self, dev: Device) -> bool:
        """The probe() of a DMA-API driver does not fail for ever."""
        return after.is_bound_to_dma_api(dev) and dev not in self.bound

    @temporal
    def reclaimable(self) -> Formula:
        """L1: if all holders release, a claim would succeed from some time on."""
        return leads_to(
            always(self.nobody_holds()), eventually(always(self.is_claimable()))
        )

    @temporal
    def bindable(self) -> Formula:
        """L2: with users gone for good, a DMA-API driver that retries binds."""
        return every(
            leads_to(
                always(self.is_left_to_dma_api())
                & always(eventually(self.driver[dev] is Driver.DMA_API)),
                self.is_bound_to_dma_api(dev),
            )
            for dev in Device
        )

    @temporal
    def detach_restores(self) -> Formula:
        """L3: after the last holder no device stays on a holder's domain."""
        return leads_to(always(self.nobody_holds()), self.is_at_rest())

    @temporal
    def unplug_completes(self) -> Formula:
        """L4: unbinding and unplugging end, whatever a user keeps open for ever.

        While VFIO waits for an open device, others can open it; this is not removal
        yet, and to close a device is all that a user is asked for.
        """
        return every(
            leads_to(self.is_being_removed(dev), not self.is_being_removed(dev))
            for dev in Device
        )

    @temporal
    def siblings_bind(self) -> Formula:
        """L6: DMA-API drivers that retry, and then stay, are all bound together."""
        return leads_to(
            always(self.is_left_to_dma_api())
            & every(
                always(eventually(self.driver[dev] is Driver.DMA_API))
                & always(
                    implies(
                        self.is_bound_to_dma_api(dev),
                        always(self.is_bound_to_dma_api(dev)),
                    )
                )
                for dev in Device
            ),
            all(self.is_bound_to_dma_api(dev) for dev in Device),
        )

    @temporal
    def user_claim_possible(self) -> Formula:
        """L7: a user gets a group that only VFIO is bound to, and stays bound to."""
        return every(
            leads_to(
                always(self.is_left_to_users() and dev in self.vfio_devices),
                len(self.claims) > 0,
            )
            for dev in Device
        )


class DeferredLiveness(Liveness, ReallyProbe):
    """L5, where drivers/base/dd.c is modelled in full."""

    def is_busy(self, dev: Device) -> bool:
        """Suppliers that were told of a probe are told its end, or it has ended."""
        is_told = dev in self.links and dev not in self.links_left
        return is_told or super().is_busy(dev)

    @fairness("strong", of="driver_core")
    def probe_begins(self, after: Self, dev: Device) -> bool:
        """Sysfs and the power domain do not fail for ever."""
        return dev in after.dma and dev not in self.dma

    @temporal
    def deferred_probe_succeeds(self) -> Formula:
        """L5: a probe that was deferred, and is tried again, succeeds in the end.

        Tried means that pinctrl and firmware say yes again and again; users are gone.
        """
        return every(
            leads_to(
                (dev in self.deferred)
                & always(self.is_left_to_dma_api())
                & always(eventually(self.driver[dev] is Driver.DMA_API)),
                self.is_bound_to_dma_api(dev),
            )
            for dev in Device
        )


class ResetLiveness(Liveness, PciReset):
    """L8, where devices are reset."""

    def is_left_to_users(self) -> bool:
        """A claim that meets a reset is refused; here no device is reset any more."""
        return len(self.resetting) == 0 and super().is_left_to_users()

    @fairness("strong", of="pci_reset_function")
    def reset_goes_on(
        self,
        after: Self,  # noqa: ARG002 - any step will do
        dev: Device,
    ) -> bool:
        """A reset that has begun ends; nobody has to begin one."""
        return dev in self.resetting

    @temporal
    def reset_ends(self) -> Formula:
        """L8: a device that is being reset is back on the domain of its group."""
        return every(
            leads_to(
                dev in self.resetting,
                dev not in self.resetting and self.hw[dev] is self.domain,
            )
            for dev in Device
        )

    @temporal
    def no_device_stays_blocked(self) -> Formula:
        """L8: with users, drivers and resets gone, no device is blocked for ever."""
        return leads_to(
            always(self.nobody_holds() and len(self.resetting) == 0),
            all(self.hw[dev] is not Domain.BLOCKING for dev in self.devices),
        )


class ContainerLiveness(Liveness, VfioContainer):
    """L4, where a user may have a device open.

    The group is the first in its container, and no device shares a table entry; what
    else can happen is the story of the design's own spec.
    """

    alias = False
    sharer: File | None = None

    @fairness("strong", of="vfio_user")
    def closes_device(self, after: Self, file: File) -> bool:
        """A user does not keep a device open for ever, but perhaps its container."""
        return self.open_device[file] is not None and after.open_device[file] is None

    @reachable(
        expect=VIOLATED,
        because="no container has another group, so none has another domain.",
    )
    def user_replaced(self) -> bool:
        """That is the story of the design's own spec."""
        return super().user_replaced()


class AmdLiveness(Liveness, AmdIommuV2):
    """L4 and L6, where the KFD may use the GPU of a group for ever.

    No attach fails, and no device shares a table entry; what else can happen is the
    story of the design's own spec.
    """

    alias = False

    def may_refuse(self) -> bool:
        """No attach fails."""
        return False

    def is_in_use(self, dev: Device) -> bool:
        """Who removes amdgpu tells the KFD first, and then waits for it."""
        is_told = dev is self.gpu and dev not in self.vfio_devices
        return super().is_in_use(dev) and (self.kfd_probed or not is_told)

    @fairness("strong", of="kfd")
    def kfd_goes_on(
        self,
        after: Self,  # noqa: ARG002 - any step will do
    ) -> bool:
        """The KFD finishes what it has begun, and stops when amdgpu is removed."""
        return self.kfd_active and (
            self.gpu not in self.attached or not self.kfd_probed
        )

    @temporal
    def siblings_bind(self) -> Formula:
        """L6: beside amdgpu the sound driver binds, if it retries."""
        return every(
            leads_to(
                always(len(self.claims) == 0 and self.gpu in self.dma)
                & always(eventually(self.driver[dev] is Driver.DMA_API)),
                self.is_bound_to_dma_api(dev),
            )
            for dev in Device
        )

    @temporal
    def gpu_unbind_ends(self) -> Formula:
        """L4: amdgpu is unbound in the end, however long the KFD would go on."""
        return leads_to(
            self.gpu in self.dma and not self.kfd_probed, self.gpu not in self.dma
        )

    # What attaches that do not fail cannot do.

    @invariant
    def user_reaches_only_its_own_memory(self) -> bool:
        """I3: no attach fails."""
        return super().user_reaches_only_its_own_memory()

    @invariant
    def dma_api_driver_on_default_domain(self) -> bool:
        """I4: no attach fails."""
        return super().dma_api_driver_on_default_domain()

    @invariant
    def no_warn_on_reattach(self) -> bool:
        """I7: no attach fails."""
        return super().no_warn_on_reattach()

    @invariant
    def idle_group_is_clean(self) -> bool:
        """I8: no attach fails."""
        return super().idle_group_is_clean()

    @invariant
    def no_freed_domain_in_hardware(self) -> bool:
        """I9: no attach fails."""
        return super().no_freed_domain_in_hardware()

    @invariant
    def no_freed_domain_in_the_group(self) -> bool:
        """I9: no attach fails."""
        return super().no_freed_domain_in_the_group()

    @invariant
    def private_domain_stable_until_detach(self) -> bool:
        """I13: no device shares the table entry of another one."""
        return super().private_domain_stable_until_detach()

    @transition
    def failed_call_changes_nothing(self, after: DmaOwnership) -> bool:
        """I17: no attach fails."""
        return super().failed_call_changes_nothing(after)
