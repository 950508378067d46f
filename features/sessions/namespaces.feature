Feature: Namespaces

  A namespace is the wall around one tenant. A session of another namespace
  looks like no session at all.

  Background:
    Given a session "standup" known as "ticket-7"
    And "standup" holds 2 messages
    And the namespace is now "acme"

  Rule: Another namespace's session looks like none

    Example: Reading it
      Then "standup" does not exist
      And the messages of "standup" do not exist
      And no session is known as "ticket-7"
      And there are 0 sessions

    Scenario Outline: Touching it
      When <attempt>
      Then it fails with SESSION_NOT_FOUND
      And in the first namespace there are still 2 messages in "standup"

      Examples:
        | attempt                               |
        | "Hello" is appended to "standup"      |
        | "standup" is closed                   |
        | "standup" is deleted                  |
        | "standup" is exported                 |
        | "standup" is forked as "copy"         |
        | "standup" is cut after message 1      |
        | 5 input tokens are added to "standup" |

  Rule: Names and keys are free in each namespace

    Example: The same external id
      When the session "other" is created, known as "ticket-7"
      Then the session known as "ticket-7" is "other"

    Example: A place in a listing does not cross the wall
      Given the namespace is now "default"
      And a session "review"
      And a page of 1 session has been read
      When the namespace is now "acme"
      And the next page is read
      Then it fails with CURSOR_INVALID
