Feature: Taking messages back

  The last messages of a session can be taken back. That they were there
  stays on record: a number is never given twice.

  Background:
    Given a session "standup"
    And "standup" holds 5 messages

  Rule: A number is never given twice

    Example: The next message comes after those taken back
      When "standup" is cut after message 3
      And "Hello" is appended to "standup"
      Then "standup" is numbered "1-3, 6"
      And "standup" is sound

    Example: All of it
      When "standup" is cut after message 0
      Then "standup" has no messages
      And "standup" is sound

    Example: Twice, with messages in between
      Given "standup" was cut after message 3
      And "standup" was given 2 more messages
      When "standup" is cut after message 6
      Then "standup" is numbered "1-3, 6"
      And "standup" is sound

  Rule: To take back nothing changes nothing

    Example: Nothing comes after
      When "standup" is cut after message 5
      Then 0 messages were taken back
      And there are 5 messages in "standup"
