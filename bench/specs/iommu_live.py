"""The ownership of an IOMMU group, where whoever has called is served."""

from typing import Self

from iommu_group import At, Call, IommuGroup, Thread

from modelcheck import Formula, every, fairness, leads_to, temporal


class IommuLive(IommuGroup):
    """The mutex serves everybody who waits, and who holds it goes on."""

    @fairness("strong", of="lock")
    def is_served(
        self,
        after: Self,  # noqa: ARG002 - any step will do
        thread: Thread,  # noqa: ARG002 - whose step
    ) -> bool:
        """Who waits for the mutex gets it some time."""
        return True

    @fairness("weak", of="check")
    def checks(
        self,
        after: Self,  # noqa: ARG002 - any step will do
        thread: Thread,  # noqa: ARG002 - whose step
    ) -> bool:
        """Who holds the mutex looks whether the call is allowed."""
        return True

    @fairness("weak", of="update")
    def updates(
        self,
        after: Self,  # noqa: ARG002 - any step will do
        thread: Thread,  # noqa: ARG002 - whose step
    ) -> bool:
        """Whose call is allowed does what it asks for."""
        return True

    @fairness("weak", of="unlock")
    def unlocks(
        self,
        after: Self,  # noqa: ARG002 - any step will do
        thread: Thread,  # noqa: ARG002 - whose step
    ) -> bool:
        """Who is done gives the mutex back."""
        return True

    @temporal
    def returns(self) -> Formula:
        """Every call returns."""
        return every(
            leads_to(self.at[thread] is not At.IDLE, self.at[thread] is At.IDLE)
            for thread in Thread
        )

    @temporal
    def users_leave(self) -> Formula:
        """A claim that has begun ends, with the group or without."""
        return every(
            leads_to(
                self.call[thread] is Call.CLAIM, self.call[thread] is not Call.CLAIM
            )
            for thread in Thread
        )
