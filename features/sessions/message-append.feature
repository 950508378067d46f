Feature: Appending messages

  The store gives each message its place in the session. Time stands still in
  these examples unless a step moves it: order never depends on a clock.

  Background:
    Given a session "standup"

  Rule: Messages are numbered from 1, without gaps and without doubles

    Example: One after another
      When "Hello" is appended to "standup"
      And "Goodbye" is appended to "standup"
      Then "standup" reads:
        | 1 | user | Hello   |
        | 2 | user | Goodbye |

    Example: Many at once
      When 24 messages are appended to "standup" at once
      Then "standup" is numbered "1-24"
      And "standup" is sound

    Example: From several openings of one store at once
      When 3 openings of the store append 8 messages each to "standup" at once
      Then "standup" is numbered "1-24"
      And "standup" is sound

  Rule: Order is by number, never by a clock

    Example: The clock goes backwards
      When "first" is appended to "standup"
      And the clock goes back 5 minutes
      And "second" is appended to "standup"
      Then "standup" reads:
        | 1 | user | first  |
        | 2 | user | second |

    Example: A message that was said earlier keeps its time and not its place
      When "now" is appended to "standup"
      And "earlier", said an hour ago, is appended to "standup"
      Then "standup" reads:
        | 1 | user | now     |
        | 2 | user | earlier |
      And message 2 of "standup" was said an hour before message 1

  Rule: What is appended together is kept together or not at all

    Example: A turn of two
      When a turn is appended to "standup":
        | user      | What is new? |
        | assistant | Nothing.     |
      Then "standup" reads:
        | 1 | user      | What is new? |
        | 2 | assistant | Nothing.     |

    Example: A bad second message leaves nothing of the first
      When a turn is appended to "standup":
        | user    | What is new? |
        | tourist | Nothing.     |
      Then it fails with INVALID_INPUT at "messages[1].role"
      And "standup" has no messages

    Example: An oversized second message leaves nothing of the first
      Given messages may have 1000 bytes
      When a short message and one of 1001 bytes are appended to "standup"
      Then it fails with MESSAGE_TOO_LARGE
      And "standup" has no messages

  Rule: A session that does not exist takes no messages

    Example: An unknown session
      Given "standup" was deleted
      When "Hello" is appended to "standup"
      Then it fails with SESSION_NOT_FOUND
