"""The models of the benchmark, the same state graphs for every tool.

Counts are those on which all tools agreed that could finish; see `README.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bench:
    """One model: our spec and scopes, SPIN's file and constants, TLC's files.

    `hash_bits` is SPIN's -w: a table of 2**w slots, large enough for the states.
    """

    name: str
    spec: str
    scopes: Mapping[str, int]
    promela: str
    constants: Mapping[str, int]
    tla: str
    distinct: int
    transitions: int
    hash_bits: int

    @property
    def is_large(self) -> bool:
        """Whether the bars are about this model."""
        return self.distinct > 4_000_000


def _iommu(devices: int, distinct: int, transitions: int, bits: int) -> Bench:
    scopes = {"Device": devices, "File": 2, "Domain": 2, "Thread": 3}
    constants = {"D": devices, "O": 2, "K": 2, "T": 3}
    name = f"Iommu_{devices}223"
    return Bench(
        name, "iommu_group.py", scopes, "Iommu.pml", constants, "Iommu",
        distinct, transitions, bits,
    )  # fmt: skip


def _two_phase(managers: int, distinct: int, transitions: int, bits: int) -> Bench:
    return Bench(
        f"TwoPhase_{managers}", "two_phase.py", {"RM": managers}, "TwoPhase.pml",
        {"N": managers}, "TwoPhase", distinct, transitions, bits,
    )  # fmt: skip


def _dining(seats: int, distinct: int, transitions: int, bits: int) -> Bench:
    return Bench(
        f"Dining_{seats}", "dining.py::Dining", {"Philosopher": seats}, "Dining.pml",
        {"N": seats}, "Dining", distinct, transitions, bits,
    )  # fmt: skip


QUICK = (
    _iommu(2, 2_425_059, 8_058_960, 23),
    _two_phase(8, 1_745_408, 18_507_777, 22),
    Bench(
        "Peterson_5", "filter_lock.py", {"Proc": 5}, "Peterson.pml", {"N": 5},
        "Peterson", 344_805, 1_205_325, 20,
    ),
    _dining(12, 531_441, 4_251_528, 20),
)  # fmt: skip
"""A minute or two."""

LARGE = (
    _iommu(2, 2_425_059, 8_058_960, 23),
    _iommu(3, 21_003_360, 70_353_360, 26),
    _two_phase(9, 10_340_352, 123_558_401, 25),
    _dining(14, 4_782_969, 44_641_044, 24),
)
"""What the bars are about; SPIN alone takes minutes for a round."""
