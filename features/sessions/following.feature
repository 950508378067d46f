Feature: Following sessions

  A follower gets the messages of a session as they come, from the beginning
  or from a message on, each once and in order.

  Background:
    Given a session "standup"
    And "standup" holds 2 messages

  @not-cli
  Rule: A follower misses nothing and gets nothing twice

    Example: What was there and what comes
      Given "standup" is being followed
      When 20 messages are appended to "standup" at once
      Then the follower gets messages "1-22"

    Example: From a message on
      Given "standup" is being followed after message 2
      When "Hello" is appended to "standup"
      Then the follower gets messages "3-3"

    Example: A message that another opening of the store appended
      Given "standup" is being followed after message 2
      When another opening of the store appends "Hello" to "standup"
      Then the follower gets messages "3-3"

  @not-cli
  Rule: Following ends when it is told to, without a failure

    Example: By the follower
      Given "standup" is being followed
      When the follower stops
      Then the follower has come to an end

    Example: By closing the store
      Given "standup" is being followed
      When the store is closed
      Then the follower has come to an end
