Feature: Search is in step with what is kept

  What was recorded is found by the next search, and what is gone leaves
  nothing to be found: entries are written and deleted with the rows.

  Background:
    Given a session "trip"
    And "Oslo in May" was appended to "trip"

  Rule: What was recorded is found by the next search

    Example: A message, a batch, an event
      When a turn is appended to "trip":
        | user      | Bergen?      |
        | assistant | Bergen, yes. |
      And these events were recorded:
        | kind | name | path      |
        | tool | grep | bergen.ts |
      Then searching for "bergen" finds "bergen.ts, trip#2, trip#3"

    Example: A fork
      When "trip" is forked as "other"
      Then searching for "oslo" finds "other#1, trip#1"

    Example: An import
      Given "trip" was exported
      When the archive is imported as "copy"
      Then searching for "oslo" finds "copy#1, trip#1"

    Example: A batch that is refused is not found
      Given messages may have 100 bytes
      When a short message and one of 101 bytes are appended to "trip"
      Then it fails with MESSAGE_TOO_LARGE
      And searching for "short" finds ""
      And the index holds 1 entry

  Rule: What is gone is not found, and leaves nothing behind

    Example: Messages taken back
      Given "Bergen" was appended to "trip"
      When "trip" is cut after message 1
      Then searching for "bergen" finds ""
      And the index holds 1 entry

    Example: A deleted session
      When "trip" is deleted
      Then searching for "oslo" finds ""
      And the index holds 0 entries

    Example: A closed session is found as before
      When "trip" is closed
      Then searching for "oslo" finds "trip#1"

    Example: A deleted event
      Given these events were recorded:
        | kind | path    |
        | file | oslo.ts |
        | file | rome.ts |
      When the event at "oslo.ts" is deleted
      Then searching for "ts" finds "rome.ts"
      And the index holds 2 entries

    Example: Events that were purged
      Given these events were recorded:
        | kind | path    | ts                   |
        | file | oslo.ts | 2026-01-01T09:00:00Z |
        | file | rome.ts | 2026-01-05T08:00:00Z |
      When events older than a day are purged
      Then searching for "ts" finds "rome.ts"
      And the index holds 2 entries

  @library-only
  Rule: What a host rolls back was never there

    Example: The host rolls back
      Given the host opened the store on its own connection
      When the host appends "Bergen" to "trip" and rolls back
      Then searching for "bergen" finds ""
      And the index holds 1 entry

    Example: The host commits
      Given the host opened the store on its own connection
      When the host appends "Bergen" to "trip" and commits
      Then searching for "bergen" finds "trip#2"
