"""Every property that a design of `specs/` keeps has a twin that breaks it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest

from modelcheck.model.program import Expect, Kind, Model
from modelcheck.reader import read_spec
from modelcheck.verdict.check import Resources, check_twin
from modelcheck.verdict.verdicts import Limits, Silence, Verdict

ROOT = Path(__file__).parents[2]
DESIGNS = sorted(
    path.stem
    for path in ROOT.glob("specs/*.py")
    if not path.stem.endswith("_liveness")  # what they keep has its twins in the design
)

# What no twin breaks yet, for each design. It may only shrink.
MISSING: dict[str, set[str]] = {
    "driver_core_5_19": {
        "deadlock",
        "dma_api_driver_on_default_domain",
        "driver_reads_no_freed_domain",
        "failed_call_changes_nothing",
        "newcomer_inherits_the_domain",
        "no_evaluation_error",
        "no_freed_domain_in_hardware",
        "no_freed_domain_in_the_group",
        "no_kernel_dma_beside_a_user",
        "no_warn_on_reattach",
        "no_warn_or_underflow",
        "one_domain_for_all_devices",
        "one_owner_at_a_time",
        "private_domain_stable_until_detach",
        "released_device_stays_detached",
        "replace_never_passes_through_default",
        "suppliers_are_told_the_end",
        "user_reaches_only_its_own_memory",
    },
    "driver_core_6_6": {
        "deadlock",
        "deferred_probe_holds_no_claim",
        "dma_api_driver_on_default_domain",
        "driver_reads_no_freed_domain",
        "failed_call_changes_nothing",
        "idle_group_is_clean",
        "newcomer_inherits_the_domain",
        "no_evaluation_error",
        "no_freed_domain_in_hardware",
        "no_freed_domain_in_the_group",
        "no_kernel_dma_beside_a_user",
        "no_warn_on_reattach",
        "no_warn_or_underflow",
        "one_domain_for_all_devices",
        "one_owner_at_a_time",
        "owner_cnt_exact",
        "private_domain_stable_until_detach",
        "probe_returns_what_it_did",
        "released_device_stays_detached",
        "replace_never_passes_through_default",
        "suppliers_are_told_the_end",
        "user_reaches_only_its_own_memory",
    },
    "driver_core_sketch": {
        "deadlock",
        "deferred_probe_holds_no_claim",
        "dma_api_driver_on_default_domain",
        "driver_reads_no_freed_domain",
        "failed_call_changes_nothing",
        "idle_group_is_clean",
        "newcomer_inherits_the_domain",
        "no_evaluation_error",
        "no_freed_domain_in_hardware",
        "no_freed_domain_in_the_group",
        "no_kernel_dma_beside_a_user",
        "no_warn_on_reattach",
        "no_warn_or_underflow",
        "one_domain_for_all_devices",
        "one_owner_at_a_time",
        "owner_cnt_exact",
        "private_domain_stable_until_detach",
        "probe_returns_what_it_did",
        "released_device_stays_detached",
        "replace_never_passes_through_default",
        "user_reaches_only_its_own_memory",
    },
    "driver_core_sketch_bound_by_hand": {
        "deadlock",
        "deferred_probe_holds_no_claim",
        "driver_reads_no_freed_domain",
        "failed_call_changes_nothing",
        "idle_group_is_clean",
        "newcomer_inherits_the_domain",
        "no_evaluation_error",
        "no_freed_domain_in_hardware",
        "no_freed_domain_in_the_group",
        "no_warn_on_reattach",
        "one_domain_for_all_devices",
        "private_domain_stable_until_detach",
        "probe_returns_what_it_did",
        "released_device_stays_detached",
        "replace_never_passes_through_default",
        "user_reaches_only_its_own_memory",
    },
    "driver_core_sketch_late_groups": {
        "deadlock",
        "deferred_probe_holds_no_claim",
        "driver_reads_no_freed_domain",
        "failed_call_changes_nothing",
        "idle_group_is_clean",
        "newcomer_inherits_the_domain",
        "no_evaluation_error",
        "no_freed_domain_in_hardware",
        "no_freed_domain_in_the_group",
        "no_warn_on_reattach",
        "one_domain_for_all_devices",
        "private_domain_stable_until_detach",
        "probe_returns_what_it_did",
        "released_device_stays_detached",
        "replace_never_passes_through_default",
        "user_reaches_only_its_own_memory",
    },
    "driver_core_v1": {
        "deadlock",
        "deferred_probe_holds_no_claim",
        "dma_api_driver_on_default_domain",
        "driver_reads_no_freed_domain",
        "failed_call_changes_nothing",
        "idle_group_is_clean",
        "newcomer_inherits_the_domain",
        "no_evaluation_error",
        "no_freed_domain_in_hardware",
        "no_freed_domain_in_the_group",
        "no_kernel_dma_beside_a_user",
        "no_warn_on_reattach",
        "no_warn_or_underflow",
        "one_domain_for_all_devices",
        "one_owner_at_a_time",
        "owner_cnt_exact",
        "private_domain_stable_until_detach",
        "probe_returns_what_it_did",
        "released_device_stays_detached",
        "replace_never_passes_through_default",
        "user_reaches_only_its_own_memory",
    },
    "driver_core_v3": {
        "deadlock",
        "deferred_probe_holds_no_claim",
        "driver_reads_no_freed_domain",
        "failed_call_changes_nothing",
        "idle_group_is_clean",
        "newcomer_inherits_the_domain",
        "no_evaluation_error",
        "no_freed_domain_in_hardware",
        "no_freed_domain_in_the_group",
        "no_warn_on_reattach",
        "one_domain_for_all_devices",
        "private_domain_stable_until_detach",
        "probe_returns_what_it_did",
        "released_device_stays_detached",
        "replace_never_passes_through_default",
        "suppliers_are_told_the_end",
        "user_reaches_only_its_own_memory",
    },
    "driver_core_v4": {
        "deadlock",
        "driver_reads_no_freed_domain",
        "failed_call_changes_nothing",
        "newcomer_inherits_the_domain",
        "no_evaluation_error",
        "no_freed_domain_in_hardware",
        "no_freed_domain_in_the_group",
        "no_warn_on_reattach",
        "no_warn_or_underflow",
        "one_domain_for_all_devices",
        "one_owner_at_a_time",
        "private_domain_stable_until_detach",
        "released_device_stays_detached",
        "replace_never_passes_through_default",
        "suppliers_are_told_the_end",
        "user_reaches_only_its_own_memory",
    },
    "mainline_6_15": {
        "deadlock",
        "dma_api_driver_on_default_domain",
        "driver_reads_no_freed_domain",
        "failed_call_changes_nothing",
        "idle_group_is_clean",
        "newcomer_inherits_the_domain",
        "no_evaluation_error",
        "no_kernel_dma_beside_a_user",
        "no_warn_on_reattach",
        "no_warn_or_underflow",
        "one_domain_for_all_devices",
        "one_owner_at_a_time",
        "owner_cnt_exact",
        "private_domain_stable_until_detach",
        "released_device_stays_detached",
        "replace_never_passes_through_default",
        "user_reaches_only_its_own_memory",
    },
    "mainline_6_2": {
        "deadlock",
        "driver_reads_no_freed_domain",
        "hwpt_users_do_not_underflow",
        "no_evaluation_error",
        "no_kernel_dma_beside_a_user",
        "one_owner_at_a_time",
        "owner_cnt_exact",
        "replace_never_passes_through_default",
        "user_reaches_only_its_own_memory",
    },
    "mainline_7_0": {
        "deadlock",
        "device_in_reset_is_blocked",
        "dma_api_driver_on_default_domain",
        "driver_reads_no_freed_domain",
        "failed_call_changes_nothing",
        "idle_group_is_clean",
        "newcomer_inherits_the_domain",
        "no_evaluation_error",
        "no_freed_domain_in_hardware",
        "no_kernel_dma_beside_a_user",
        "no_warn_or_underflow",
        "one_domain_for_all_devices",
        "one_owner_at_a_time",
        "owner_cnt_exact",
        "private_domain_stable_until_detach",
        "released_device_stays_detached",
        "replace_never_passes_through_default",
        "reset_restores_the_domain",
        "user_reaches_only_its_own_memory",
    },
    "ownership": {
        "deadlock",
        "given_back_in_between",
        "one_side_at_a_time",
        "user_is_off_the_default_domain",
    },
}

designs = pytest.mark.parametrize("design", DESIGNS)


@lru_cache
def model(design: str) -> Model:
    return read_spec(f"{ROOT}/specs/{design}.py")


def kept(design: str) -> set[str]:
    """What the design keeps; a goal that is reached shows that it can be."""
    return {
        prop.name
        for prop in model(design).properties
        if prop.expect is Expect.HOLDS and prop.kind is not Kind.REACHABLE
    }


@designs
def test_what_holds_has_a_twin(design: str) -> None:
    broken = {name for twin in model(design).twins for name in twin.breaks}
    assert kept(design) - broken == MISSING.get(design, set())


@designs
def test_twins_fail_with_what_they_break(design: str) -> None:
    limits, resources = Limits(seconds=60), Resources()
    verdicts: dict[tuple[str, str], Verdict] = {}
    for twin in model(design).twins:
        variant = read_spec(f"{ROOT}/specs/{design}.py::{twin.name}")
        found = check_twin(twin, variant, "auto", limits, Silence(), resources)
        for prop in found.report.properties:
            verdicts[twin.name, prop.prop.name] = prop.verdict
    assert set(verdicts.values()) <= {Verdict.VIOLATED}, verdicts


@designs
def test_a_design_has_a_floor(design: str) -> None:
    assert model(design).floor > 0


def test_only_designs_are_excused() -> None:
    assert set(MISSING) <= set(DESIGNS)
