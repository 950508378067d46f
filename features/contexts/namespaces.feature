Feature: Namespaces of contexts

  A namespace is the wall around one tenant. The token of another namespace's
  context leads nowhere.

  Background:
    Given a context "trip"
    And the step "forecast" was recorded in "trip"
    And the namespace is now "acme"

  Rule: Another namespace's context looks like none

    Scenario Outline: Touching it
      When <attempt>
      Then it fails with CONTEXT_NOT_FOUND
      When the namespace is now "default"
      Then the log of "trip" is numbered "1"
      And "trip" is at version 1 with 1 step

      Examples:
        | attempt                              |
        | the context "trip" is read           |
        | the context "trip" is closed         |
        | the step "pay" is recorded in "trip" |
        | "paid" is patched into "trip"        |

    Example: Listing
      Then the contexts are listed as ""
      And there are 0 contexts in all
