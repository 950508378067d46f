Feature: Closing contexts

  Closing ends a context: it gives the final state and the log, and the token
  is dead. The record stays until it is purged.

  Background:
    Given a context "trip" holding:
      """
      { "city": "Oslo" }
      """
    And the step "forecast" was recorded in "trip"
    And the step "book" was recorded in "trip"

  Rule: Closing gives all there is

    Example: The final state and the log
      Given the context "trip" was patched with:
        """
        { "paid": true }
        """
      When the context "trip" is closed
      Then the closing gave the steps "forecast, book" and the saved context:
        """
        { "city": "Oslo", "paid": true }
        """

  Rule: A closed context's token is dead

    Scenario Outline: Using it
      Given the context "trip" was closed
      When <attempt>
      Then it fails with CONTEXT_CLOSED

      Examples:
        | attempt                             |
        | the context "trip" is read          |
        | the context "trip" is closed        |
        | the step "pay" is recorded in "trip" |
        | "paid" is patched into "trip"       |

    Example: Of two who close it one gets the record
      When 2 callers close "trip" at once
      Then 1 of them succeeded and 1 failed with CONTEXT_CLOSED

    Example: A closed context stays closed when its lifetime ends
      Given the context "trip" was closed
      When the clock is at the end of "trip"
      And the context "trip" is read
      Then it fails with CONTEXT_CLOSED
