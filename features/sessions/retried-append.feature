Feature: Appending again, and appending in time

  A caller who does not know whether an append arrived sends it again with the
  same key. A caller whose message only makes sense as an answer to what it
  has read says which message that was.

  Background:
    Given a session "standup"

  Rule: An append that is retried with its key is stored once

    Example: The retry gets what was first stored
      Given "Hello" was appended to "standup" with the key "k-1"
      And "Meanwhile" was appended to "standup"
      When "Hello" is appended to "standup" with the key "k-1"
      Then the append gave message 1
      And "standup" reads:
        | 1 | user | Hello     |
        | 2 | user | Meanwhile |

    Example: All retries at once
      When "Hello" is appended to "standup" 8 times at once with the key "k-1"
      Then "standup" reads:
        | 1 | user | Hello |

    Example: The key of another message is refused
      Given "Hello" was appended to "standup" with the key "k-1"
      When "Goodbye" is appended to "standup" with the key "k-1"
      Then it fails with IDEMPOTENCY_CONFLICT
      And "standup" reads:
        | 1 | user | Hello |

    Example: A key belongs to its session
      Given a session "review"
      And "Hello" was appended to "standup" with the key "k-1"
      When "Goodbye" is appended to "review" with the key "k-1"
      Then "review" reads:
        | 1 | user | Goodbye |

  Rule: A writer whose reading is out of date is told so

    Example: Nothing has happened since
      Given "standup" holds 2 messages
      When "Hello" is appended to "standup", expecting 2 messages so far
      Then there are 3 messages in "standup"

    Example: Somebody was faster
      Given "standup" holds 3 messages
      When "Hello" is appended to "standup", expecting 2 messages so far
      Then it fails with SEQUENCE_CONFLICT
      And there are 3 messages in "standup"

    Example: Of many who answer the same message one is heard
      Given "standup" holds 1 message
      When 6 writers append to "standup" at once, each expecting 1 message so far
      Then 1 of them succeeded and 5 failed with SEQUENCE_CONFLICT
      And there are 2 messages in "standup"
