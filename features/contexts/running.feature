Feature: Running steps at once

  A caller who knows all steps beforehand can open a context, record them and
  close it in one call.

  Rule: All is written at once, and the context is closed

    Example: Every step is right
      When these steps are run:
        | forecast |
        | book     |
      Then the run is "complete": 2 of 2 steps recorded
      And the run's context is closed, with the log "forecast, book"
      And the store holds "run (closed)"

  Rule: Unless asked for a part, nothing is kept when a step is wrong

    Example: One step has no name
      When these steps are run:
        | forecast |
        |          |
        | book     |
      Then it fails with INVALID_INPUT at "steps[1].action"
      And there are 0 contexts in all

    Example: One step too many
      Given contexts may have 2 steps
      When these steps are run:
        | forecast |
        | book     |
        | pay      |
      Then it fails with STEP_CAP_REACHED
      And there are 0 contexts in all

    Example: A saved context that is too large
      Given contexts may have 16 bytes
      When these steps are run on a saved context of 17 bytes:
        | forecast |
      Then it fails with CONTEXT_TOO_LARGE
      And there are 0 contexts in all

  Rule: In part, the steps that are right are kept, and each is told of

    Example: One of three is too large
      When these steps are run in part:
        | forecast  |
        | too large |
        | book      |
      Then the run is "partial": 2 of 3 steps recorded
      And the run tells of "recorded as 1, failed with STEP_TOO_LARGE, recorded as 2"
      And the run's context is closed, with the log "forecast, book"

    Example: Every one is
      When these steps are run in part:
        | too large |
        | too large |
      Then the run is "none": 0 of 2 steps recorded
      And the run's context is closed, with the log ""

    Example: One step too many
      Given contexts may have 1 step
      When these steps are run in part:
        | forecast |
        | book     |
      Then the run tells of "recorded as 1, failed with STEP_CAP_REACHED"

  Rule: A run that is repeated with its key is done once

    Example: The repeat gets the context first made
      When these steps are run with the key "k-1":
        | forecast |
      And these steps are run with the key "k-1":
        | forecast |
      Then the run is "complete": 1 of 1 steps recorded
      And there is 1 context in all

    Example: The key of another run is refused
      When these steps are run with the key "k-1":
        | forecast |
      And these steps are run with the key "k-1":
        | book |
      Then it fails with IDEMPOTENCY_CONFLICT
      And there is 1 context in all
