Feature: Reading and patching the saved state

  The state of a context is read with its log, and changed by merge patches
  (RFC 7396): members replace, null removes, objects merge.

  Background:
    Given a context "trip" holding:
      """
      { "city": "Oslo", "nights": 2, "guests": { "ada": 1, "bob": 2 } }
      """

  Rule: Reading changes nothing

    Example: Neither the version nor the end of a sliding lifetime
      Given a sliding context "hotel" that lives for 60 minutes
      When 30 minutes pass
      And the context "hotel" is read
      And 30 minutes pass
      And the context "hotel" is read
      Then it fails with CONTEXT_EXPIRED

    Example: What is read when it expired is still there for the purge
      When the clock is at the end of "trip"
      And the context "trip" is read
      Then it fails with CONTEXT_EXPIRED
      And a dry run of the purge reports:
        | expired | contexts | steps | aged | alive |
        | 1       | 0        | 0     | 0    | 0     |

  Rule: A patch merges and makes one version more

    Example: Members are replaced, removed, added and merged
      When the context "trip" is patched with:
        """
        { "nights": 3, "city": null, "guests": { "bob": null, "eve": 3 }, "paid": false }
        """
      Then the saved context of "trip" is:
        """
        { "nights": 3, "guests": { "ada": 1, "eve": 3 }, "paid": false }
        """
      And "trip" is at version 2 with 0 steps

    Example: A list is replaced as a whole
      Given the context "trip" was patched with:
        """
        { "list": [1, { "a": 1 }] }
        """
      When the context "trip" is patched with:
        """
        { "list": [{ "b": null }] }
        """
      Then the saved context of "trip" is:
        """
        { "city": "Oslo", "nights": 2, "guests": { "ada": 1, "bob": 2 }, "list": [{ "b": null }] }
        """

    Example: A member called like JavaScript's own is just a member
      When the context "trip" is patched with:
        """
        { "city": null, "nights": null, "guests": null, "__proto__": { "admin": true } }
        """
      Then the saved context of "trip" is:
        """
        { "__proto__": { "admin": true } }
        """

    Example: Several at once are all there
      When 8 members are patched into "trip" at once
      Then "trip" is at version 9 with 0 steps
      And the saved context of "trip" has 11 members

  Rule: A writer whose reading is out of date is told so

    Example: Nothing has happened since
      When the context "trip" is patched at version 1 with:
        """
        { "nights": 3 }
        """
      Then "trip" is at version 2 with 0 steps

    Example: Somebody was faster
      Given the context "trip" was patched with:
        """
        { "nights": 3 }
        """
      When the context "trip" is patched at version 1 with:
        """
        { "nights": 4 }
        """
      Then it fails with VERSION_CONFLICT
      And "trip" is at version 2 with 0 steps

    Example: Of many who patch the same version one is heard
      When 6 writers patch version 1 of "trip" at once
      Then 1 of them succeeded and 5 failed with VERSION_CONFLICT
      And "trip" is at version 2 with 0 steps

    Example: A step is no change of the state
      Given the step "forecast" was recorded in "trip"
      When the context "trip" is patched at version 1 with:
        """
        { "nights": 3 }
        """
      Then "trip" is at version 2 with 1 step
