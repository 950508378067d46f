Feature: The lifetime of contexts

  A context lives for a day unless it is opened with another lifetime. The end
  is fixed when it is opened, unless it is sliding: then every step and every
  patch begins the lifetime anew. One rule says when it is over, for reads,
  listings and the purge.

  Rule: At the instant of its end a context is over, for everyone alike

    Background:
      Given a context "trip" that lives for 60 minutes

    Example: One millisecond before
      When the clock is one millisecond before the end of "trip"
      Then the context "trip" can be read
      And the contexts are listed as "trip"
      And a dry run of the purge reports:
        | expired | contexts | steps | aged | alive |
        | 0       | 0        | 0     | 0    | 1     |

    Example: At the end itself
      When the clock is at the end of "trip"
      Then the contexts are listed as ""
      And a dry run of the purge reports:
        | expired | contexts | steps | aged | alive |
        | 1       | 0        | 0     | 0    | 0     |
      When the context "trip" is read
      Then it fails with CONTEXT_EXPIRED

    Scenario Outline: Nothing can be done with it afterwards
      When the clock is at the end of "trip"
      And <attempt>
      Then it fails with CONTEXT_EXPIRED

      Examples:
        | attempt                              |
        | the context "trip" is closed         |
        | the step "pay" is recorded in "trip" |
        | "paid" is patched into "trip"        |

    Example: It is seen as expired before the purge has marked it
      When the clock is at the end of "trip"
      Then the store holds "trip (expired)"

    Example: Marked by the purge, it is refused as before
      Given the clock is at the end of "trip"
      And the contexts were purged
      When the context "trip" is read
      Then it fails with CONTEXT_EXPIRED

    Example: A clock that goes back does not bring back what was marked
      Given the clock is at the end of "trip"
      And the contexts were purged
      When the clock goes back 30 minutes
      Then the contexts are listed as ""
      When the context "trip" is read
      Then it fails with CONTEXT_EXPIRED

  Rule: Unless told otherwise it lives for a day, from its opening

    Example: Neither a step nor a patch moves the end
      Given a context "trip"
      When 1439 minutes pass
      And the step "forecast" is recorded in "trip"
      And "paid" is patched into "trip"
      And 1 minute passes
      And the context "trip" is read
      Then it fails with CONTEXT_EXPIRED

  Rule: A sliding lifetime begins anew with every use

    Scenario Outline: Used in time
      Given a sliding context "trip" that lives for 60 minutes
      When 59 minutes pass
      And <use>
      And 59 minutes pass
      Then the context "trip" can be read
      When 1 minute passes
      And the context "trip" is read
      Then it fails with CONTEXT_EXPIRED

      Examples:
        | use                                  |
        | the step "pay" is recorded in "trip" |
        | "paid" is patched into "trip"        |

    Example: A clock that goes back does not shorten it
      Given a sliding context "trip" that lives for 60 minutes
      When the clock goes back 30 minutes
      And the step "pay" is recorded in "trip"
      Then "trip" expires when it was to expire
