Feature: Purging contexts

  What has ended is kept for a while, seven days unless told otherwise, and
  then purged: contexts past their lifetime are marked as expired; those that
  ended longer ago than the retention are deleted, their steps first; old
  steps of contexts that stay are deleted only if asked for.

  Background:
    Given it is "2026-01-05T09:00:00Z"
    And a context "old" that lives for 60 minutes
    And 2 steps were recorded in "old"
    And a context "closed"
    And the step "forecast" was recorded in "closed"
    And the context "closed" was closed
    And a context "long" that lives for 43200 minutes
    And 3 steps were recorded in "long"

  Rule: What has expired is marked, and kept for the retention

    Example: Nothing has ended long enough ago
      Given it is "2026-01-05T10:00:00Z"
      When the contexts are purged
      Then the purge reports:
        | expired | contexts | steps | aged | alive |
        | 1       | 0        | 0     | 0    | 1     |
      And the store holds "long (open), closed (closed), old (expired)"

  Rule: What ended longer ago than the retention is deleted with its steps

    Example: To the millisecond, what ended seven days ago is kept
      Given it is "2026-01-12T09:00:00Z"
      When the contexts are purged
      Then the purge reports:
        | expired | contexts | steps | aged | alive |
        | 1       | 0        | 0     | 0    | 1     |

    Example: And a millisecond later it goes
      Given it is "2026-01-12T09:00:00.001Z"
      When the contexts are purged
      Then the purge reports:
        | expired | contexts | steps | aged | alive |
        | 1       | 1        | 1     | 0    | 1     |
      And the context "closed" is not found

    Example: One never marked before is marked and deleted in one run
      Given it is "2026-01-13T09:00:00Z"
      When the contexts are purged
      Then the purge reports:
        | expired | contexts | steps | aged | alive |
        | 1       | 2        | 3     | 0    | 1     |
      And the context "old" is not found
      And the store holds "long (open)"

    Example: With another retention
      Given it is "2026-01-05T11:00:00Z"
      When the contexts are purged, keeping what ended for 90 minutes
      Then the purge reports:
        | expired | contexts | steps | aged | alive |
        | 1       | 1        | 1     | 0    | 1     |

    Example: No step is left without its context
      Given it is "2026-01-13T09:00:00Z"
      When the contexts are purged
      Then no step without a context is left in the store

  Rule: Old steps of contexts that stay go only if asked for

    Example: Not asked for
      Given it is "2026-01-13T09:00:00Z"
      When the contexts are purged
      Then the log of "long" is numbered "1-3"

    Example: Asked for
      Given the step "new" was recorded in "long" 11520 minutes later
      When the contexts are purged with aged steps
      Then the purge reports:
        | expired | contexts | steps | aged | alive |
        | 1       | 2        | 3     | 3    | 1     |
      And the log of "long" is numbered "4"
      And "long" is at version 1 with 4 steps

  Rule: A dry run reports what a run would, and changes nothing

    Scenario Outline: Whatever there is to do
      Given it is "<instant>"
      Then a dry run of the purge reports what a run then reports

      Examples:
        | instant                  |
        | 2026-01-05T09:30:00Z     |
        | 2026-01-05T10:00:00Z     |
        | 2026-01-12T09:00:00.001Z |
        | 2026-01-13T09:00:00Z     |
        | 2026-02-13T09:00:00Z     |

    Example: All is as it was
      Given it is "2026-01-13T09:00:00Z"
      Then a dry run of the purge leaves the store as it is

  Rule: A purge works in batches, and one that was stopped is gone on with

    Example: Small batches come to the same
      Given it is "2026-01-13T09:00:00Z"
      When the contexts are purged in batches of 1
      Then the purge reports:
        | expired | contexts | steps | aged | alive |
        | 1       | 2        | 3     | 0    | 1     |

    @library-only
    Example: Stopped half-way
      Given it is "2026-01-13T09:00:00Z"
      And a purge in batches of 1 was stopped after 3 batches
      When the contexts are purged in batches of 1
      Then both purges together did:
        | expired | contexts | steps | aged |
        | 1       | 2        | 3     | 0    |
      And the store holds "long (open)"

    Example: A second purge finds nothing to do
      Given it is "2026-01-13T09:00:00Z"
      And the contexts were purged
      When the contexts are purged
      Then the purge reports:
        | expired | contexts | steps | aged | alive |
        | 0       | 0        | 0     | 0    | 1     |

  Rule: A purge stays within its namespace

    Example: Another namespace's contexts are not touched
      Given it is "2026-01-13T09:00:00Z"
      When the namespace is now "acme"
      And the contexts are purged
      Then the purge reports:
        | expired | contexts | steps | aged | alive |
        | 0       | 0        | 0     | 0    | 0     |
      When the namespace is now "default"
      Then the store holds "long (open), closed (closed), old (expired)"

  Rule: What makes no sense is refused

    Example: A batch of nothing
      When the contexts are purged in batches of 0
      Then it fails with INVALID_INPUT at "batchSize"
