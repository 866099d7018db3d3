"""What replace_domain.py does in the end."""

from kernel.liveness import Liveness
from replace_domain import ReplaceDomain


class ReplaceDomainLiveness(Liveness, ReplaceDomain):
    """x."""
