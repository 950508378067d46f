Feature: Contexts that outlive a process

  A context lies in the store, not in the process that opened it.

  Rule: A restart in the middle of a context loses nothing

    Example: The store is closed and opened again
      Given a context "trip" holding:
        """
        { "city": "Oslo" }
        """
      And the step "forecast" was recorded in "trip" with the key "k-1"
      And "paid" was patched into "trip"
      When the store is closed and opened again
      Then the saved context of "trip" is:
        """
        { "city": "Oslo", "paid": true }
        """
      And "trip" is at version 2 with 1 step
      When the step "forecast" is recorded in "trip" with the key "k-1"
      Then the answer is step 1, replayed, with the response "done: forecast"
      When the step "book" is recorded in "trip"
      And the context "trip" is closed
      Then the closing gave the steps "forecast, book" and the saved context:
        """
        { "city": "Oslo", "paid": true }
        """

    Example: What ended is still told apart after it
      Given a context "trip"
      And a context "hotel" that lives for 60 minutes
      And the context "trip" was closed
      And the clock is at the end of "hotel"
      When the store is closed and opened again
      And the context "trip" is read
      Then it fails with CONTEXT_CLOSED
      When the context "hotel" is read
      Then it fails with CONTEXT_EXPIRED

  Rule: Several openings of a store serve one context

    Example: One goes on where the other was
      Given a context "trip"
      And the step "forecast" was recorded in "trip"
      When another opening of the store records the step "book" in "trip"
      And the step "pay" is recorded in "trip"
      Then the log of "trip" is:
        | 1 | forecast |
        | 2 | book     |
        | 3 | pay      |
