Feature: Importing safely

  An import can be tried out, repeated and refused without leaving a trace.

  Background:
    Given a session "standup" with all that a session can have
    And "standup" was exported
    And the namespace is now "acme"

  Rule: An import never takes the place of a session that exists

    Example: Its ids are in use
      When the archive is imported as "copy", keeping its ids
      Then it fails with ID_TAKEN
      And there are 0 sessions

    Example: Its external id is in use
      Given a session "other" known as "ticket-7"
      When the archive is imported as "copy"
      Then it fails with EXTERNAL_ID_TAKEN
      And there is 1 session

  Rule: A dry run verifies, and writes nothing

    Example: A good archive
      When the import of the archive is tried out
      Then the report counts 5 messages and 3 ledger entries
      And there are 0 sessions

    Example: A bad archive
      Given a message of the archive has been changed
      When the import of the archive is tried out
      Then it fails with ARCHIVE_CHECKSUM_MISMATCH

  Rule: An import that is retried with its key makes one session

    Example: The retry gets the session first made
      When the archive is imported as "copy" with the key "k-1"
      And the archive is imported as "retry" with the key "k-1"
      Then "copy" and "retry" are the same session
      And there is 1 session

    Example: The key of another import is refused
      Given the archive was imported as "copy" with the key "k-1"
      And a session "review"
      And "review" was exported
      When the archive is imported as "other" with the key "k-1"
      Then it fails with IDEMPOTENCY_CONFLICT
