Feature: Verifying sessions

  A session can be asked whether it still is what was recorded. Damage that
  was done behind the store's back is named.

  Background:
    Given a session "standup"
    And "standup" holds 3 messages
    And "standup" spent 100 input and 20 output tokens

  Rule: A session that only the store has touched is sound

    Example: After all that can be done to it
      Given "standup" was cut after message 2
      And the usage of "standup" was set to 50 input tokens
      When "Hello" is appended to "standup"
      Then "standup" is sound

  Rule: Damage is named

    Scenario Outline: <damage>
      Given somebody <damage> behind the store's back
      When "standup" is verified
      Then the problem "<problem>" is reported

      Examples:
        | damage                         | problem            |
        | rewrote message 2              | CONTENT_HASH       |
        | removed message 2              | GAP                |
        | removed the last message       | GAP                |
        | changed the number of messages | MESSAGE_COUNT      |
        | hid the last message           | LAST_SEQUENCE      |
        | recorded a false removal       | UNEXPECTED_MESSAGE |
        | removed the ledger's entry     | LEDGER_GAP         |
        | changed the total of tokens    | LEDGER_TOTAL       |

  Rule: Only what exists can be verified

    Example: A deleted session
      Given "standup" was deleted
      When "standup" is verified
      Then it fails with SESSION_NOT_FOUND
