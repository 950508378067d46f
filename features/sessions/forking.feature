Feature: Forking sessions

  A fork is a session of its own that starts with a copy of another's messages.

  Background:
    Given a session "standup"
    And "standup" holds 4 messages
    And "standup" spent 100 input and 20 output tokens

  Rule: A fork takes along what was said, and goes its own way

    Example: Up to the end
      When "standup" is forked as "what-if"
      Then there are 4 messages in "what-if"
      And "what-if" was forked from message 4 of "standup"
      And "what-if" is sound

    Example: Up to a message
      When "standup" is forked after message 2 as "what-if"
      And "Hello" is appended to "what-if"
      Then "what-if" is numbered "1-3"
      And there are 4 messages in "standup"

    Example: It has spent nothing yet
      When "standup" is forked as "what-if"
      Then "what-if" has used no tokens

    Example: It outlives the session that it came from
      Given "standup" was forked as "what-if"
      When "standup" is deleted
      Then there are 4 messages in "what-if"

  Rule: A fork that is retried with its key makes one session

    Example: The retry gets the session first made
      When "standup" is forked as "what-if" with the key "k-1"
      And "standup" is forked as "retry" with the key "k-1"
      Then "what-if" and "retry" are the same session

  Rule: A fork cannot take along what was never said

    Example: Beyond the last message
      When "standup" is forked after message 5 as "what-if"
      Then it fails with INVALID_INPUT at "options.atSequence"
      And there is 1 session
