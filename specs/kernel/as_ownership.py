"""The fields of `struct iommu_group`, read as the abstract ownership of a group.

One reading for every design that keeps `owner`, `owner_cnt` and `domain`: the counter
says that somebody has the group, and `owner` that it is a user. For `modelcheck refine
specs/DESIGN.py specs/ownership.py --map specs/kernel/as_ownership.py`.
"""

from kernel.group import IommuGroup
from kernel.objects import File
from modelcheck import mapping


class AsOwnership(IommuGroup):
    """What the three facts are in the state of a group."""

    @mapping("kernel")
    def kernel_drivers_have_it(self) -> bool:
        """Somebody is counted, and it is no user."""
        return self.owner_cnt > 0 and self.owner is None

    @mapping("user")
    def user_has_it(self) -> File | None:
        """The owner that the group remembers."""
        return self.owner

    @mapping("default")
    def is_on_the_default_domain(self) -> bool:
        """The group is attached to the domain of the DMA API."""
        return self.domain is self.default_domain
