"""The tables that may change without a trail event.

They hold nothing that a verdict, an approval or an auditor reads: heartbeats, progress, leases,
counters, watermarks. A test compares these names with the tables there are.
"""

OPERATIONAL = frozenset(
    {
        "applied_step",
        "bookmark",
        "delivery",
        "evidence_opened",
        "heartbeat",
        "sync_state",
        "worker_lease",
        "task",
        "ticket_lease",
        "trigger_note",
        "source_seen",
        "api_answer",
        "api_token_seen",
        "sign_in_counter",
        "session_seen",
        "monitor",
        "binning",
        "window_profile",
        "window_metric",
        "window_seen",
        "caller_tally",
        "feed",
        "pushed_value",
        "remote_attempt",
        "remote_log",
        "hook_heard",
        "pushed_commit",
        "attempt_log",
        "attempt_watch",
        "run_doubt",
        "cost_run",
        "cost_day_seen",
        "run_use",
        "kept_run",
        "serving_use",
    }
)
