@library-only
Feature: Inside the host's transaction

  A host that keeps its own data with the same database can have sessions
  written in its own transaction: both are kept, or neither is.

  Background:
    Given the host opened the store on its own connection
    And a session "standup"

  Rule: What is written inside is kept or lost with the host's own work

    Example: The host commits
      When the host appends "Hello" to "standup" and commits
      Then there is 1 message in "standup"

    Example: The host rolls back
      When the host appends "Hello" to "standup" and rolls back
      Then "standup" has no messages
      And "standup" is sound

  Rule: An expected failure leaves the host's transaction usable

    Example: The host goes on after a conflict
      When the host meets a conflict on "standup", appends "Hello" all the same and commits
      Then there is 1 message in "standup"

  Rule: The store outside the transaction cannot be reached from inside

    @sqlite-only
    Example: It is refused at once instead of waiting for ever
      When the host appends to "standup" outside its transaction while that is open
      Then it fails with INSIDE_TRANSACTION

  Rule: The host's connection stays the host's

    Example: Closing the store leaves it open
      When the store is closed
      Then the host can still use its connection
