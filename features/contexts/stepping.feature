Feature: Recording steps

  A step is one entry of a context's log: what was asked and what came of it,
  with the hash of each. Recording a step leaves the saved state alone.

  Background:
    Given a context "trip"

  Rule: Steps are numbered from 1, without gaps, in the order of their recording

    Example: One after another
      When the step "forecast" is recorded in "trip"
      And the step "book" is recorded in "trip"
      Then the log of "trip" is:
        | 1 | forecast |
        | 2 | book     |
      And "trip" is at version 1 with 2 steps

    Example: Several at once
      When 8 steps are recorded in "trip" at once
      Then the log of "trip" is numbered "1-8"

    Example: Several openings of the store
      When 2 openings of the store record 4 steps each in "trip" at once
      Then the log of "trip" is numbered "1-8"

  Rule: Request and response come back as they were given

    Example: Any JSON value will do
      When this step is recorded in "trip":
        """
        {
          "request": { "z": 1, "a": ["\u0000", "\ud83d", "世界"], "__proto__": { "admin": true } },
          "response": { "rain": true }
        }
        """
      Then the request of step 1 of "trip" is:
        """
        { "z": 1, "a": ["\u0000", "\ud83d", "世界"], "__proto__": { "admin": true } }
        """
      And the response of step 1 of "trip" is:
        """
        { "rain": true }
        """

    Example: A response of null is a response, with a hash
      When a step is recorded in "trip" of the request 1 and the response null
      Then step 1 of "trip" has a response hash

    Example: A step may be recorded before there is a response
      When a step is recorded in "trip" of the request null alone
      Then step 1 of "trip" has no response hash

  Rule: The hashes are those of canonical JSON

    Example: The order of keys makes no difference
      When a step is recorded in "trip" of the request {"b":2,"a":1} alone
      And a step is recorded in "trip" of the request {"a":1,"b":2} alone
      Then steps 1 and 2 of "trip" have the same request hash
      And the request hash of step 1 of "trip" is the SHA-256 of '{"a":1,"b":2}'

  Rule: With hashes alone, nothing else is kept

    Example: Neither request nor response can be read
      When the step "forecast" is recorded in "trip", keeping hashes alone
      Then step 1 of "trip" keeps its hashes alone
      And no text in the store contains "secret of forecast"

  Rule: A step that is repeated with its key is recorded once

    Example: The repeat gets the response that was stored
      Given the step "forecast" was recorded in "trip" with the key "k-1"
      When the step "forecast" is recorded in "trip" with the key "k-1" and the response "another"
      Then the answer is step 1, replayed, with the response "done: forecast"
      And the log of "trip" is numbered "1"

    Example: All repeats at once
      When the step "forecast" is recorded in "trip" 8 times at once with the key "k-1"
      Then the log of "trip" is numbered "1"

    Example: The key of another request is refused
      Given the step "forecast" was recorded in "trip" with the key "k-1"
      When the step "book" is recorded in "trip" with the key "k-1"
      Then it fails with IDEMPOTENCY_CONFLICT
      And the log of "trip" is numbered "1"

    Example: A key belongs to its context
      Given a context "hotel"
      And the step "forecast" was recorded in "trip" with the key "k-1"
      When the step "book" is recorded in "hotel" with the key "k-1"
      Then the log of "hotel" is:
        | 1 | book |

    Example: What kept its hashes alone cannot be replayed, and is not recorded again
      Given the step "forecast" was recorded in "trip" with the key "k-1", keeping hashes alone
      When the step "forecast" is recorded in "trip" with the key "k-1"
      Then it fails with STEP_NOT_REPLAYABLE
      And the log of "trip" is numbered "1"

    Example: A replay is no use: it does not lengthen a sliding lifetime
      Given a sliding context "hotel" that lives for 60 minutes
      And the step "forecast" was recorded in "hotel" with the key "k-1"
      When 30 minutes pass
      And the step "forecast" is recorded in "hotel" with the key "k-1"
      And 30 minutes pass
      And the context "hotel" is read
      Then it fails with CONTEXT_EXPIRED

  Rule: A step that makes no sense is refused, and leaves no trace

    Example: An action without a name
      When the step "" is recorded in "trip"
      Then it fails with INVALID_INPUT at "action"
      And the log of "trip" is numbered ""
