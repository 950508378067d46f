Feature: Limits of contexts

  Contexts are small and short-lived, and a namespace holds only so many.
  Sizes are bytes of the stored JSON in UTF-8, whatever the characters.

  Rule: A saved context has at most 16 KiB

    Example: A multibyte one of 16,384 bytes is accepted
      When the context "trip" is opened with a multibyte saved context of 16384 bytes
      Then the saved context of "trip" has 16384 bytes

    Example: A multibyte one of 16,385 bytes is refused
      When the context "trip" is opened with a multibyte saved context of 16385 bytes
      Then it fails with CONTEXT_TOO_LARGE at "savedContext"
      And there are 0 contexts in all

    Example: One that a patch makes too large is refused, and stays as it was
      Given the context "trip" was opened with a multibyte saved context of 16384 bytes
      When "paid" is patched into "trip"
      Then it fails with CONTEXT_TOO_LARGE at "savedContext"
      And "trip" is at version 1 with 0 steps
      And the saved context of "trip" has 16384 bytes

  Rule: A saved context has at most 64 top-level keys

    Example: 64 are accepted, and a 65th is refused
      Given the context "trip" was opened with 64 keys
      When "paid" is patched into "trip"
      Then it fails with CONTEXT_TOO_MANY_KEYS at "savedContext"
      And the saved context of "trip" has 64 members

    Example: 65 are refused
      When the context "trip" is opened with 65 keys
      Then it fails with CONTEXT_TOO_MANY_KEYS at "savedContext"

  Rule: Request and response of a step have at most 4 KiB together

    Example: 4,096 bytes
      Given a context "trip"
      When a step of 2048 bytes of request and 2048 of response is recorded in "trip"
      Then the log of "trip" is numbered "1"

    Example: 4,097 bytes
      Given a context "trip"
      When a step of 2048 bytes of request and 2049 of response is recorded in "trip"
      Then it fails with STEP_TOO_LARGE
      And the log of "trip" is numbered ""

  Rule: A context has at most 32 steps

    Example: The 33rd is refused, and the context lives on
      Given a context "trip"
      And 32 steps were recorded in "trip"
      When the step "pay" is recorded in "trip"
      Then it fails with STEP_CAP_REACHED
      And the log of "trip" is numbered "1-32"
      And the context "trip" can be read

    Example: A step that was recorded before is still replayed
      Given contexts may have 1 step
      And a context "trip"
      And the step "forecast" was recorded in "trip" with the key "k-1"
      When the step "forecast" is recorded in "trip" with the key "k-1"
      Then the answer is step 1, replayed, with the response "done: forecast"

    Example: Of many at once only as many as there is room for
      Given contexts may have 3 steps
      And a context "trip"
      When 6 writers record a step in "trip" at once
      Then 3 of them succeeded and 3 failed with STEP_CAP_REACHED
      And the log of "trip" is numbered "1-3"

  Rule: A namespace takes no more open contexts than its capacity, and pushes none out

    Example: What is full refuses the next, and keeps what it has
      Given a namespace may have 2 open contexts
      And a context "trip"
      And a context "hotel"
      When the context "flight" is opened
      Then it fails with CONTEXT_CAPACITY_REACHED
      And the context "trip" can be read
      And the context "hotel" can be read

    Example: Exact, however many come at once
      Given a namespace may have 3 open contexts
      When 8 callers open a context at once
      Then 3 of them succeeded and 5 failed with CONTEXT_CAPACITY_REACHED
      And there are 3 contexts in all

    Example: A closed context makes room
      Given a namespace may have 1 open context
      And a context "trip"
      And the context "trip" was closed
      When the context "hotel" is opened
      Then the contexts are listed as "hotel"

    Example: An expired context makes room at once, not only after a purge
      Given a namespace may have 1 open context
      And a context "trip"
      And the clock is at the end of "trip"
      When the context "hotel" is opened
      Then the contexts are listed as "hotel"

    Example: Another namespace has room of its own
      Given a namespace may have 1 open context
      And a context "trip"
      When the namespace is now "acme"
      And the context "hotel" is opened
      Then the contexts are listed as "hotel"

    Example: A repeated opening needs no room
      Given a namespace may have 1 open context
      And the context "lost" was opened with the key "k-1"
      When the context "trip" is opened with the key "k-1"
      Then "trip" and "lost" are the same context
