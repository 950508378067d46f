Feature: Purging activity

  Activity grows without end unless it is purged: what happened longer ago
  than one says is deleted, of all kinds or of some.

  Background:
    Given the activity:
      | at    | kind | name | path |
      | 09:00 | file |      | a.ts |
      | 09:01 | tool | Bash |      |
      | 09:02 | tool | Edit |      |
      | 09:30 | file |      | b.ts |
    And it is "2026-01-05T10:00:00Z"

  Rule: What happened longer ago goes

    Example: To the millisecond, what happened so long ago is kept
      When activity older than 58 minutes is purged
      Then the purge of activity deleted 2 events, "file 1, tool 1", and left 2

    Example: Of some kinds
      When activity of the kind "tool" older than 0 minutes is purged
      Then the purge of activity deleted 2 events, "tool 2", and left 2

    Example: In small batches
      When activity older than 0 minutes is purged in batches of 1
      Then the purge of activity deleted 4 events, "file 2, tool 2", and left 0

    Example: Within its namespace
      When the namespace is now "acme"
      And activity older than 0 minutes is purged
      Then the purge of activity deleted 0 events, "", and left 0
      When the namespace is now "default"
      Then there are 4 events

  Rule: A dry run reports what a run would, and changes nothing

    Scenario Outline: Older than <minutes> minutes
      Then a dry run of the purge of activity older than <minutes> minutes reports what a run then reports

      Examples:
        | minutes |
        | 0       |
        | 30      |
        | 58      |
        | 90      |

  Rule: The age is said, and what makes no sense is refused

    Example: No age
      When activity is purged without an age
      Then it fails with INVALID_INPUT at "olderThanMs"
