Feature: Subjects

  A context may be opened for a subject. Its token alone is then not enough:
  every call must name the same subject.

  Background:
    Given a context "trip" of "ada"

  Rule: Every call must name the subject that the context was opened for

    Example: The same subject
      When the context "trip" is read for "ada"
      Then the context was read

    Scenario Outline: Another, or none
      When <attempt>
      Then it fails with WRONG_SUBJECT

      Examples:
        | attempt                                     |
        | the context "trip" is read for "bob"        |
        | the context "trip" is read                  |
        | the context "trip" is closed                |
        | the context "trip" is closed for "bob"      |
        | the step "pay" is recorded in "trip"        |
        | the step "pay" is recorded in "trip" for "bob" |
        | "paid" is patched into "trip"               |
        | "paid" is patched into "trip" for "bob"     |

    Example: A subject for a context that has none
      Given a context "hotel"
      When the context "hotel" is read for "ada"
      Then it fails with WRONG_SUBJECT

    Example: The right one can do it all
      When the step "pay" is recorded in "trip" for "ada"
      And "paid" is patched into "trip" for "ada"
      And the context "trip" is closed for "ada"
      Then the closing gave the steps "pay" and the saved context:
        """
        { "paid": true }
        """

  Rule: To the wrong subject nothing is said of the context's state

    Example: Whether it was closed
      Given the context "trip" was closed for "ada"
      When the context "trip" is read for "bob"
      Then it fails with WRONG_SUBJECT

    Example: Whether it expired
      Given the clock is at the end of "trip"
      When the context "trip" is read for "bob"
      Then it fails with WRONG_SUBJECT
