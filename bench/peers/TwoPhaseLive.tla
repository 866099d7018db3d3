---------------------------- MODULE TwoPhaseLive ----------------------------
(* TwoPhase with the fairness of bench/specs/two_phase_live.py. *)
EXTENDS TwoPhase

Fairness == /\ WF_vars(TMCommit \/ TMAbort)
            /\ \A r \in RM : WF_vars(RMRcvCommitMsg(r)) /\ WF_vars(RMRcvAbortMsg(r))
LiveSpec == Spec /\ Fairness

Decided == (\E r \in RM : rmState[r] = "prepared") ~> (tmState # "init")
Settles == \A r \in RM : (rmState[r] = "prepared")
                            ~> (rmState[r] \in {"committed", "aborted"})
=============================================================================
