Feature: Deleting and closing sessions

  Deleting removes a session and everything that was derived from it. Closing
  ends a conversation and keeps its record.

  Background:
    Given a session "standup"
    And "standup" holds 3 messages
    And "standup" spent 100 input and 20 output tokens

  Rule: Deleting reaches everything that belongs to the session

    Example: Neither the session nor its messages can be read
      When "standup" is deleted
      Then "standup" does not exist
      And the messages of "standup" do not exist

    Example: Nothing of it comes back with its id
      Given "standup" was exported
      When "standup" is deleted
      And the archive is imported as "restored", keeping its ids
      Then there are 3 messages in "restored"
      And the ledger of "restored" has 1 entry
      And "restored" is sound

    Example: No row is left behind
      When "standup" is deleted
      Then no row without a session is left in the store

    @library-only
    Example: The activity events that name it go with it, and others stay
      Given a session "review"
      And an activity event of "standup" and one of "review"
      And the namespace is now "acme"
      And an activity event of "standup" and one of "review"
      And the namespace is now "default"
      When "standup" is deleted
      Then 1 activity event is left
      When the namespace is now "acme"
      Then 2 activity events are left

    Example: Other sessions keep what is theirs
      Given a session "review"
      And "review" holds 2 messages
      When "standup" is deleted
      Then there are 2 messages in "review"
      And "review" is sound

    Example: A second deletion finds nothing
      Given "standup" was deleted
      When "standup" is deleted
      Then it fails with SESSION_NOT_FOUND

  Rule: Closing is not deleting

    Example: A closed session can be read
      When "standup" is closed
      Then "standup" has the status "closed"
      And there are 3 messages in "standup"

    Example: A closed session takes no messages
      Given "standup" was closed
      When "Hello" is appended to "standup"
      Then it fails with SESSION_NOT_ACTIVE
      And there are 3 messages in "standup"

    Example: A session that is opened again goes on where it was
      Given "standup" was closed
      When "standup" is made active
      And "Hello" is appended to "standup"
      Then there are 4 messages in "standup"

    Example: An archived session must be closed before it is opened again
      Given "standup" was archived
      When "standup" is made active
      Then it fails with ILLEGAL_TRANSITION
      And "standup" has the status "archived"
