@library-only
Feature: Contexts inside the host's transaction

  A host that keeps its own data with the same database can use contexts in
  its own transaction: both are kept, or neither is.

  Background:
    Given the host opened the store on its own connection
    And a context "trip"

  Rule: What is done inside is kept or lost with the host's own work

    Example: The host commits
      When the host records the step "pay" in "trip" and commits
      Then the log of "trip" is numbered "1"

    Example: The host rolls back
      When the host records the step "pay" in "trip" and rolls back
      Then the log of "trip" is numbered ""
      And "trip" is at version 1 with 0 steps

    Example: A context that was opened in what is rolled back is gone
      When the host opens the context "hotel" and rolls back
      Then the context "hotel" is not found

  Rule: An expected failure leaves the host's transaction usable

    Example: The host goes on after a conflict
      When the host meets a version conflict on "trip", records the step "pay" all the same and commits
      Then the log of "trip" is numbered "1"
