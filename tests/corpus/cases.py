"""The corpus: models with known counts and verdicts, which every engine must meet.

`PUBLISHED` are models whose counts were published for TLC or agreed on by several model
checkers. `OWN` are small models of ours, most of them wrong on purpose.

Counts follow TLC. `generated` counts the initial states and every successor of every
expanded state, separately for each action, arguments and choices, self-loops and states
cut off by a constraint included. `depth` is the number of levels of a breadth-first
search, the initial states being the first; it is exact here, while TLC may print a
little more when several workers share the search. All states are explored: no search
ends at a violation. Where `distinct`, `generated` or `depth` is None it is left open.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Word = Literal["holds", "violated", "bounded"]
"""`holds` of a reachability goal: it was reached; `violated`: no state reaches it."""

DEADLOCK = "deadlock"
EVALUATION = "no_evaluation_error"
ASSERTION = "assertion"
"""Stands for the one `assert` statement of a spec, whatever an engine calls it."""

LARGE = 100_000


@dataclass(frozen=True, slots=True)
class Case:
    """One model and what is known about it.

    `spec` is relative to `specs/`, `class_name` is None if the file has one model.
    `shortest` gives, for violated properties and for goals that are reached, the number
    of steps of the shortest trace; a step that fails counts. The verdicts of temporal
    properties are in `temporal.py`.
    """

    name: str
    spec: str
    class_name: str | None
    scopes: Mapping[str, int]
    distinct: int | None
    generated: int | None
    depth: int | None
    verdicts: Mapping[str, Word]
    source: str
    shortest: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def is_large(self) -> bool:
        """Whether a slow engine may leave the case out."""
        return (self.distinct or 0) > LARGE


def holds(*names: str) -> dict[str, Word]:
    """The verdicts of properties that hold and of goals that are reached."""
    return dict.fromkeys(names, "holds")


def violated(*names: str) -> dict[str, Word]:
    """The verdicts of properties that are violated and of goals out of reach."""
    return dict.fromkeys(names, "violated")


def bounded(*names: str) -> dict[str, Word]:
    """The verdicts where nothing was found, but a constraint cut states off."""
    return dict.fromkeys(names, "bounded")


EXAMPLES = "tlaplus/Examples: "
PEERS = "TLC, SPIN, Murphi and NuSMV agree: "
OURS = "our own"
MURPHI = "CMurphi: ex/mux"

PUBLISHED = (
    Case(
        name="two_phase_3",
        spec="two_phase.py",
        class_name=None,
        scopes={"RM": 3},
        distinct=288,
        generated=1146,
        depth=11,
        verdicts=holds("consistent", "everybody_commits", DEADLOCK),
        source=EXAMPLES + "transaction_commit/TwoPhase.tla",
        # Each manager prepares, is heard and hears; in between the decision: 3 * 3 + 1.
        shortest={"everybody_commits": 10},
    ),
    Case(
        name="two_phase_5",
        spec="two_phase.py",
        class_name=None,
        scopes={"RM": 5},
        distinct=8832,
        generated=58146,
        depth=17,
        verdicts=holds("consistent", "everybody_commits", DEADLOCK),
        source=PEERS + "TwoPhase_5",
        shortest={"everybody_commits": 16},  # 3 * 5 + 1
    ),
    Case(
        name="two_phase_7",
        spec="two_phase.py",
        class_name=None,
        scopes={"RM": 7},
        distinct=296_448,
        generated=2_744_706,
        depth=23,
        verdicts=holds("consistent", "everybody_commits", DEADLOCK),
        source=PEERS + "TwoPhase_7",
        shortest={"everybody_commits": 22},  # 3 * 7 + 1
    ),
    Case(
        name="tcommit",
        spec="tcommit.py",
        class_name=None,
        scopes={"RM": 3},
        distinct=34,
        generated=94,
        depth=7,
        # The original ignores deadlock: all have decided.
        verdicts=holds("consistent", "everybody_commits") | violated(DEADLOCK),
        source=EXAMPLES + "transaction_commit/TCommit.tla",
        # All three prepare and commit; all three abort.
        shortest={"everybody_commits": 6, DEADLOCK: 3},
    ),
    Case(
        name="ewd840_3",
        spec="ewd840.py",
        class_name=None,
        scopes={"Node": 3},
        distinct=302,
        generated=2001,
        depth=9,
        # The original ignores deadlock: termination is detected.
        verdicts=holds(
            "detection_is_right", "dijkstras_invariant", "termination_is_detected"
        )
        | violated(DEADLOCK),
        source=EXAMPLES + "ewd840/EWD840.tla, N = 3",
        # All passive and white, the token at node 0: one round is N steps.
        shortest={"termination_is_detected": 3, DEADLOCK: 3},
    ),
    Case(
        name="ewd840_4",
        spec="ewd840.py",
        class_name=None,
        scopes={"Node": 4},
        distinct=1566,
        generated=15986,
        depth=12,
        verdicts=holds(
            "detection_is_right", "dijkstras_invariant", "termination_is_detected"
        )
        | violated(DEADLOCK),
        source=EXAMPLES + "ewd840/EWD840.tla, EWD840_json.cfg",
        shortest={"termination_is_detected": 4, DEADLOCK: 4},  # as above
    ),
    Case(
        name="readers_writers",
        spec="readers_writers.py",
        class_name=None,
        scopes={"Actor": 3},
        distinct=21527,
        generated=59674,
        depth=13,
        verdicts=holds("no_reader_beside_a_writer", "one_writer", "all_read", DEADLOCK),
        source=EXAMPLES + "ReadersWriters/MC.cfg",
        shortest={"all_read": 6},  # each asks and is served
    ),
    Case(
        name="chameneos",
        spec="chameneos.py",
        class_name=None,
        scopes={"Creature": 4},
        distinct=34534,
        generated=104_697,
        depth=13,
        # The original ignores deadlock: all have faded.
        verdicts=holds("sum_of_meetings", "all_faded") | violated(DEADLOCK),
        source=EXAMPLES + "Chameneos/Chameneos.cfg",
        # Four meetings of two steps each, then four creatures fade.
        shortest={"all_faded": 12, DEADLOCK: 12},
    ),
    Case(
        name="scheduling_allocator",
        spec="scheduling_allocator.py",
        class_name=None,
        scopes={"Client": 3, "Resource": 2},
        distinct=1690,
        generated=5854,
        depth=7,
        verdicts=holds(
            "resource_mutex",
            "scheduled_clients_want_something",
            "nobody_holds_what_was_promised",
            "everybody_is_scheduled",
            DEADLOCK,
        ),
        source=EXAMPLES + "allocator/SchedulingAllocator.cfg",
        shortest={"everybody_is_scheduled": 4},  # three requests and one schedule
    ),
    Case(
        name="simple_allocator",
        spec="simple_allocator.py",
        class_name="SimpleAllocator",
        scopes={"Client": 3, "Resource": 2},
        distinct=400,
        generated=1633,
        depth=6,
        verdicts=holds("resource_mutex", "one_client_has_all", DEADLOCK),
        source=EXAMPLES + "allocator/SimpleAllocator.cfg",
        shortest={"one_client_has_all": 2},  # request and allocate
    ),
    Case(
        name="simple",
        spec="simple.py",
        class_name=None,
        scopes={"Proc": 5},
        distinct=723,
        generated=1842,
        depth=11,
        verdicts=holds(
            "somebody_saw_a_write", "written_before_read", "only_one_saw", DEADLOCK
        ),
        source=EXAMPLES + "TeachingConcurrency/Simple.cfg",
        shortest={"only_one_saw": 10},  # two steps of five processes
    ),
    Case(
        name="simple_regular",
        spec="simple_regular.py",
        class_name=None,
        scopes={"Proc": 8},
        distinct=277_726,
        generated=1_454_776,
        depth=25,
        verdicts=holds(
            "somebody_read_one", "written_before_read", "all_read_one", DEADLOCK
        ),
        source=EXAMPLES + "TeachingConcurrency/SimpleRegular.cfg",
        shortest={"all_read_one": 24},  # three steps of eight processes
    ),
    Case(
        name="barrier",
        spec="barrier.py",
        class_name=None,
        scopes={"Proc": 6},
        distinct=64,
        generated=194,
        depth=7,
        verdicts=holds("all_wait", DEADLOCK),
        source=EXAMPLES + "barriers/Barrier.cfg",
        shortest={"all_wait": 6},  # each arrives
    ),
    Case(
        name="barriers",
        spec="barriers.py",
        class_name=None,
        scopes={"Proc": 6},
        distinct=29279,
        generated=104_515,
        depth=93,
        verdicts=holds(
            "lock_excludes",
            "count_is_exact",
            "one_gate_is_closed",
            "nobody_laps",
            "second_gate_opens",
            DEADLOCK,
        ),
        source=EXAMPLES + "barriers/Barriers.cfg",
        # In: five steps each and one to open; six waits; out: four steps each, of which
        # the last process's fourth opens. 6 * 5 + 1 + 6 + 6 * 4.
        shortest={"second_gate_opens": 61},
    ),
    Case(
        name="hour_clock",
        spec="hour_clock.py",
        class_name="HourClock",
        scopes={},
        distinct=12,
        generated=24,
        depth=1,
        verdicts=holds("noon", DEADLOCK),
        source=EXAMPLES + "SpecifyingSystems/HourClock/HourClock.cfg",
        shortest={"noon": 0},  # an initial state
    ),
    Case(
        name="coffee_can",
        spec="coffee_can.py",
        class_name="CoffeeCan",
        scopes={},
        distinct=5150,
        generated=20002,
        depth=1,
        verdicts=holds("fewer_beans", "parity_of_white", "one_white_bean", DEADLOCK),
        source=EXAMPLES + "CoffeeCan/CoffeeCan100Beans.cfg",
        shortest={"one_white_bean": 0},  # an initial state
    ),
    Case(
        name="dining_philosophers",
        spec="dining_philosophers.py",
        class_name="DiningPhilosophers",
        scopes={"Philosopher": 5},
        distinct=67,
        generated=336,
        depth=29,
        verdicts=holds("neighbours_do_not_eat_together", "last_eats", DEADLOCK),
        source=EXAMPLES + "DiningPhilosophers/DiningPhilosophers.cfg",
    ),
    Case(
        name="prisoners",
        spec="prisoners.py",
        class_name="Prisoners",
        scopes={"Other": 3},
        distinct=214,
        generated=860,
        depth=14,
        verdicts=holds(
            "counter_is_right", "count_follows_switches", "goal_is_reached", DEADLOCK
        ),
        source=EXAMPLES + "Prisoners/Prisoners.cfg",
        # Switch A is up initially, which counts; five of the six signals follow.
        shortest={"goal_is_reached": 11},
    ),
    Case(
        name="prisoner_single_switch",
        spec="prisoner_single_switch.py",
        class_name="LightOff",
        scopes={"Other": 2},
        distinct=16,
        generated=49,
        depth=5,
        verdicts=holds("announcement_is_right", "is_announced", DEADLOCK),
        source=EXAMPLES + "Prisoners_Single_Switch/Prisoner.cfg",
        shortest={"is_announced": 4},  # two signals, each seen
    ),
    Case(
        name="prisoner_light_unknown",
        spec="prisoner_single_switch.py",
        class_name="LightUnknown",
        scopes={"Other": 2},
        distinct=62,
        generated=188,
        depth=10,  # TLC printed 11
        verdicts=holds("announcement_is_right", "is_announced", DEADLOCK),
        source=EXAMPLES + "Prisoners_Single_Switch/PrisonerLightUnknown.cfg",
        # The lamp is on initially, which counts; three of the four signals follow.
        shortest={"is_announced": 7},
    ),
    Case(
        name="peterson",
        spec="peterson.py",
        class_name="Peterson",
        scopes={},
        distinct=42,
        generated=77,
        depth=11,
        verdicts=holds("mutual_exclusion", "second_waits_for_first", DEADLOCK),
        source=EXAMPLES + "locks_auxiliary_vars/Peterson.cfg",
        shortest={"second_waits_for_first": 7},  # four steps of one, three of the other
    ),
    Case(
        name="lock",
        spec="lock.py",
        class_name=None,
        scopes={"Proc": 2},
        distinct=12,
        generated=21,
        depth=5,
        verdicts=holds("mutual_exclusion", "somebody_is_inside", DEADLOCK),
        source=EXAMPLES + "locks_auxiliary_vars/Lock.cfg",
        shortest={"somebody_is_inside": 2},
    ),
    Case(
        name="n_peterson_3",
        spec="n_peterson.py",
        class_name=None,
        scopes={"Proc": 3},
        distinct=882,
        generated=2647,  # Murphi does not count the initial state
        depth=26,
        verdicts=holds("mutual_exclusion", DEADLOCK),
        source=MURPHI,
    ),
    Case(
        name="mcslock1_2",
        spec="mcslock1.py",
        class_name=None,
        scopes={"Proc": 2},
        distinct=159,
        generated=319,  # Murphi does not count the initial state
        depth=28,
        verdicts=holds("mutual_exclusion", DEADLOCK),
        source=MURPHI,
    ),
    Case(
        name="mcslock1_3",
        spec="mcslock1.py",
        class_name=None,
        scopes={"Proc": 3},
        distinct=7597,
        generated=22_792,  # Murphi does not count the initial state
        depth=49,
        verdicts=holds("mutual_exclusion", DEADLOCK),
        source=MURPHI,
    ),
    Case(
        name="cigarette_smokers",
        spec="cigarette_smokers.py",
        class_name=None,
        scopes={"Ingredient": 3},
        distinct=6,
        generated=15,
        depth=2,
        verdicts=holds("at_most_one_smokes", "somebody_smokes", DEADLOCK),
        source=EXAMPLES + "CigaretteSmokers/CigaretteSmokers.cfg",
        shortest={"somebody_smokes": 1},
    ),
    Case(
        name="moving_cat_6",
        spec="moving_cat.py",
        class_name="MovingCat",
        scopes={"Box": 6},
        distinct=48,
        generated=128,
        depth=1,
        verdicts=holds("found", DEADLOCK),
        source=EXAMPLES + "Moving_Cat_Puzzle/CatEvenBoxes.cfg",
        shortest={"found": 0},  # an initial state
    ),
    Case(
        name="moving_cat_5",
        spec="moving_cat.py",
        class_name="MovingCat",
        scopes={"Box": 5},
        distinct=30,
        generated=78,
        depth=1,
        verdicts=holds("found", DEADLOCK),
        source=EXAMPLES + "Moving_Cat_Puzzle/CatOddBoxes.cfg",
        shortest={"found": 0},  # an initial state
    ),
    Case(
        name="chang_roberts",
        spec="chang_roberts.py",
        class_name="ChangRoberts",
        scopes={"Node": 3},
        distinct=137,
        generated=227,
        depth=10,
        # Deadlock is the end of an election, here of one without an initiator.
        verdicts=holds("winner_is_the_smallest_initiator", "last_node_wins")
        | violated(DEADLOCK),
        source=EXAMPLES + "chang_roberts/MCChangRoberts.cfg",
        # All start, and the only candidate's message goes round; all start.
        shortest={"last_node_wins": 6, DEADLOCK: 3},
    ),
    Case(
        name="die_hard",
        spec="die_hard.py",
        class_name=None,
        scopes={},
        distinct=16,
        generated=97,
        depth=8,
        verdicts=violated("not_solved") | holds(DEADLOCK),
        source=EXAMPLES + "DieHard/DieHard.tla, without its invariant",
        # Fill big, pour (2, 3), empty small, pour (0, 2), fill big, pour (4, 3).
        shortest={"not_solved": 6},
    ),
    Case(
        name="missionaries_and_cannibals",
        spec="missionaries_and_cannibals.py",
        class_name=None,
        scopes={"Missionary": 3, "Cannibal": 3},
        distinct=64,
        generated=253,
        depth=13,
        verdicts=violated("somebody_is_left")
        | holds("all_missionaries_cross", DEADLOCK),
        source=EXAMPLES + "MissionariesAndCannibals.tla; the counts are our own",
        # The puzzle is known to take 11 crossings.
        shortest={"somebody_is_left": 11},
    ),
    Case(
        name="lamport_mutex",
        spec="lamport_mutex.py",
        class_name=None,
        scopes={"Proc": 3},
        distinct=724_274,
        generated=2_729_079,
        depth=61,
        # The goal is reached; for the rest the constraint on clocks cuts states off.
        verdicts=bounded("mutual_exclusion", DEADLOCK) | holds("last_process_enters"),
        source=EXAMPLES + "lamport_mutex/MCLamportMutex.cfg",
        # Request, two others receive it, two acknowledgements arrive, enter.
        shortest={"last_process_enters": 6},
    ),
    Case(
        name="filter_lock_3",
        spec="filter_lock.py",
        class_name=None,
        scopes={"Proc": 3},
        distinct=705,
        generated=1726,
        depth=22,
        verdicts=holds("mutual_exclusion", "last_process_enters", DEADLOCK),
        source=PEERS + "Peterson_3",
        shortest={"last_process_enters": 7},  # start, and three steps for each level
    ),
    Case(
        name="filter_lock_4",
        spec="filter_lock.py",
        class_name=None,
        scopes={"Proc": 4},
        distinct=14844,
        generated=44121,
        depth=37,
        verdicts=holds("mutual_exclusion", "last_process_enters", DEADLOCK),
        source=PEERS + "Peterson_4",
        shortest={"last_process_enters": 10},  # as above, 1 + 3 * 3
    ),
    Case(
        name="dining_8",
        spec="dining.py",
        class_name="Dining",
        scopes={"Philosopher": 8},
        distinct=6561,
        generated=34993,
        depth=23,
        verdicts=holds("neighbours_do_not_eat_together", "first_eats", DEADLOCK),
        source=PEERS + "Dining_8",
        shortest={"first_eats": 2},  # two forks
    ),
    Case(
        name="iommu_1112",
        spec="iommu_group.py",
        class_name=None,
        scopes={"Device": 1, "File": 1, "Domain": 1, "Thread": 2},
        distinct=1845,
        generated=4161,
        depth=20,
        verdicts=holds(
            "mutex_is_held_inside",
            "count_is_exact",
            "owned_is_not_default",
            "idle_is_not_owned",
            "one_user",
            "user_domain_is_attached",
            DEADLOCK,
        ),
        source=PEERS + "Iommu_1112",
        # Five steps to add the device, five to claim it, four of attach.
        shortest={"user_domain_is_attached": 14},
    ),
    Case(
        name="iommu_2112",
        spec="iommu_group.py",
        class_name=None,
        scopes={"Device": 2, "File": 1, "Domain": 1, "Thread": 2},
        distinct=20235,
        generated=46817,
        depth=30,
        verdicts=holds(
            "mutex_is_held_inside",
            "count_is_exact",
            "owned_is_not_default",
            "idle_is_not_owned",
            "one_user",
            "user_domain_is_attached",
            DEADLOCK,
        ),
        source=PEERS + "Iommu_2112",
        shortest={"user_domain_is_attached": 14},  # as above
    ),
    Case(
        name="iommu_2222",
        spec="iommu_group.py",
        class_name=None,
        scopes={"Device": 2, "File": 2, "Domain": 2, "Thread": 2},
        distinct=82719,
        generated=193_441,
        depth=30,
        verdicts=holds(
            "mutex_is_held_inside",
            "count_is_exact",
            "owned_is_not_default",
            "idle_is_not_owned",
            "one_user",
            "user_domain_is_attached",
            DEADLOCK,
        ),
        source=PEERS + "Iommu_2222",
        shortest={"user_domain_is_attached": 14},  # as above
    ),
)

# In the counts of models with processes every suspension is a state of its own: before
# the first statement, at each await, and after the last. Passed over are those after
# which a process only goes on to its next suspension or returns: after leaving its last
# lock, and before a first statement that is an await. `test_recount.py` counts them
# again in CPython.
OWN = (
    Case(
        name="swapped_writes",
        spec="peterson.py",
        class_name="SwappedWrites",
        scopes={},
        distinct=72,
        generated=139,
        depth=13,
        verdicts=violated("mutual_exclusion")
        | holds("second_waits_for_first", DEADLOCK),
        source=OURS,
        # Four steps each, fewer do not lead inside. ONE gives way (2 steps); TWO gives
        # way, wants and enters (4), as ONE does not want yet; ONE wants and enters (2),
        # as it is its turn.
        shortest={"mutual_exclusion": 8, "second_waits_for_first": 7},
    ),
    Case(
        name="right_handed_8",
        spec="dining.py",
        class_name="RightHanded",
        scopes={"Philosopher": 8},
        distinct=6560,
        generated=34985,
        depth=22,
        verdicts=violated(DEADLOCK)
        | holds("neighbours_do_not_eat_together", "first_eats"),
        source=OURS,
        # Every philosopher takes the first fork.
        shortest={DEADLOCK: 8, "first_eats": 2},
    ),
    Case(
        name="lock_order",
        spec="lock_order.py",
        class_name="LockOrder",
        scopes={},
        distinct=24,
        generated=35,
        depth=9,
        verdicts=violated(DEADLOCK) | holds("both_move"),
        source=OURS,
        # Each starts and stops before its first mutex, then takes it and stops before
        # the second. For the goal: one starts, takes the first mutex, takes the second,
        # moves and releases the second, releases the first (4); the other starts, takes
        # its first mutex, takes its second and moves (3).
        shortest={DEADLOCK: 4, "both_move": 7},
    ),
    Case(
        name="one_order",
        spec="lock_order.py",
        class_name="OneOrder",
        scopes={},
        distinct=21,
        generated=29,
        depth=9,
        verdicts=holds(DEADLOCK, "both_move"),
        source=OURS,
        shortest={"both_move": 7},  # as above
    ),
    Case(
        name="lock_twice",
        spec="lock_order.py",
        class_name="Twice",
        scopes={},
        distinct=3,
        generated=3,
        depth=3,
        verdicts=violated(DEADLOCK, "gets_through"),
        source=OURS,
        # Start, then take the mutex and stop before taking it again.
        shortest={DEADLOCK: 2},
    ),
    Case(
        name="lost_update",
        spec="lost_update.py",
        class_name="LostUpdate",
        scopes={"Worker": 2},
        distinct=12,
        generated=15,
        depth=5,
        verdicts=violated("nothing_is_lost") | holds("all_counted", DEADLOCK),
        source=OURS,
        # Both read 0, both write 1; with fewer steps only one has finished. For the
        # goal each reads and writes too, one after the other.
        shortest={"nothing_is_lost": 4, "all_counted": 4},
    ),
    Case(
        name="update_under_mutex",
        spec="lost_update.py",
        class_name="UnderMutex",
        scopes={"Worker": 2},
        # Nothing done; one of two is inside; one of two has written and left, the other
        # is before its mutex, inside, or has left too: 1 + 2 + 2 + 2 + 1.
        distinct=8,
        generated=9,
        depth=5,
        verdicts=holds("nothing_is_lost", "all_counted", DEADLOCK),
        source=OURS,
        # Each takes the mutex and reads, then writes and leaves.
        shortest={"all_counted": 4},
    ),
    Case(
        name="bounded_queue",
        spec="bounded_queue.py",
        class_name="BoundedQueue",
        scopes={},
        # Queues of at most two of two jobs: 1 + 2 + 4. Successors: 2 from the empty
        # queue, 2 + 1 from each of two, 1 from each of four; and the initial state.
        distinct=7,
        generated=13,
        depth=3,
        verdicts=holds("large_waits_behind_small", EVALUATION, DEADLOCK),
        source=OURS,
        shortest={"large_waits_behind_small": 2},
    ),
    Case(
        name="queue_overflow",
        spec="bounded_queue.py",
        class_name="Overflow",
        scopes={},
        distinct=None,
        generated=None,
        depth=None,
        verdicts=violated(EVALUATION) | holds("large_waits_behind_small"),
        source=OURS,
        # Two fit, the third does not.
        shortest={EVALUATION: 3, "large_waits_behind_small": 2},
    ),
    Case(
        name="queue_underflow",
        spec="bounded_queue.py",
        class_name="Underflow",
        scopes={},
        distinct=None,
        generated=None,
        depth=None,
        verdicts=violated(EVALUATION) | holds("large_waits_behind_small"),
        source=OURS,
        # Nothing is there to take initially.
        shortest={EVALUATION: 1, "large_waits_behind_small": 2},
    ),
    Case(
        name="refcount",
        spec="refcount.py",
        class_name="Refcounting",
        scopes={},
        # 0 to 3, up from three of them and down from three.
        distinct=4,
        generated=7,
        depth=4,
        verdicts=holds("saturated", EVALUATION, DEADLOCK),
        source=OURS,
        shortest={"saturated": 3},
    ),
    Case(
        name="refcount_too_many",
        spec="refcount.py",
        class_name="TooMany",
        scopes={},
        distinct=None,
        generated=None,
        depth=None,
        verdicts=violated(EVALUATION) | holds("saturated"),
        source=OURS,
        # Three references fit, the fourth does not.
        shortest={EVALUATION: 4, "saturated": 3},
    ),
    Case(
        name="refcount_too_few",
        spec="refcount.py",
        class_name="TooFew",
        scopes={},
        distinct=None,
        generated=None,
        depth=None,
        verdicts=violated(EVALUATION) | holds("saturated"),
        source=OURS,
        # There is nothing to drop initially.
        shortest={EVALUATION: 1, "saturated": 3},
    ),
    Case(
        name="double_free",
        spec="double_free.py",
        class_name=None,
        scopes={"User": 2},
        distinct=None,
        generated=None,
        depth=None,
        verdicts=violated(ASSERTION, DEADLOCK) | holds("dangling"),
        source=OURS,
        # Allocate, share, free, and the other frees. After three of these a pointer
        # dangles. Allocate and free: nobody has a pointer, nothing can happen.
        shortest={ASSERTION: 4, "dangling": 3, DEADLOCK: 2},
    ),
    Case(
        name="traffic_light",
        spec="traffic_light.py",
        class_name="TrafficLight",
        scopes={},
        # Both red, or one of two is green or yellow; two successors of the first state,
        # one of each other; and the initial state.
        distinct=5,
        generated=7,
        depth=3,
        verdicts=holds("east_may_go", DEADLOCK) | violated("both_may_go"),
        source=OURS,
        shortest={"east_may_go": 1},
    ),
    Case(
        name="traffic_light_warned",
        spec="traffic_light.py",
        class_name="Warned",
        scopes={},
        distinct=5,
        generated=7,
        depth=3,
        verdicts=holds("warned_before_red", "east_may_go", DEADLOCK)
        | violated("both_may_go"),
        source=OURS,
        shortest={"east_may_go": 1},
    ),
    Case(
        name="traffic_light_power_cut",
        spec="traffic_light.py",
        class_name="PowerCut",
        scopes={},
        # As above, and one power cut from each of the five states.
        distinct=5,
        generated=12,
        depth=3,
        verdicts=holds("east_may_go", DEADLOCK)
        | violated("warned_before_red", "both_may_go"),
        source=OURS,
        # One street goes, the power cut stops it.
        shortest={"warned_before_red": 2, "east_may_go": 1},
    ),
    Case(
        name="permits",
        spec="permits.py",
        class_name="Permits",
        scopes={"Worker": 3},
        distinct=63,
        generated=139,
        depth=10,
        verdicts=holds("at_most_two", DEADLOCK) | violated("at_most_one"),
        source=OURS,
        # Two workers ask and get in.
        shortest={"at_most_one": 4},
    ),
    Case(
        name="shared_table",
        spec="permits.py",
        class_name="Shared",
        scopes={"Worker": 3},
        distinct=155,
        generated=370,
        depth=12,
        verdicts=holds("writer_is_alone", "all_read_together", DEADLOCK),
        source=OURS,
        # Three workers ask and start to read.
        shortest={"all_read_together": 6},
    ),
    Case(
        name="served",
        spec="permits.py",
        class_name="Served",
        scopes={"Worker": 3},
        distinct=78,
        generated=154,
        depth=10,
        verdicts=holds("all_are_served", DEADLOCK),
        source=OURS,
        # Three requests, and the daemon answers each.
        shortest={"all_are_served": 6},
    ),
    Case(
        name="unserved",
        spec="permits.py",
        class_name="Unserved",
        scopes={"Worker": 3},
        distinct=46,
        generated=70,
        depth=6,
        verdicts=violated("all_are_served", DEADLOCK),
        source=OURS,
        # Three requests; the daemon answers one, whose worker returns.
        shortest={DEADLOCK: 5},
    ),
)

CASES: tuple[Case, ...] = PUBLISHED + OWN
