Feature: What goes in comes out

  Content is any value that can be written as text in the notation of the web.
  It comes back equal, after the store has been closed and opened again.

  Background:
    Given a session "standup"

  Rule: Content comes back as it went in

    Scenario Outline: <kind>
      When this content is appended to "standup":
        """
        <content>
        """
      And the store is closed and opened again
      Then the content of message 1 of "standup" is, to the letter:
        """
        <content>
        """

      Examples:
        | kind                              | content                                                      |
        | Text                              | "Grüße, 世界 👋"                                             |
        | Nothing                           | null                                                         |
        | An empty list                     | []                                                           |
        | The null character                | "before\\u0000after"                                         |
        | Half a character                  | "\\ud83d and \\udc4b apart"                                  |
        | The null character as a key       | {"\\u0000":"\\u0000"}                                        |
        | Keys that programs stumble over   | {"__proto__":{"admin":true},"constructor":1,"toString":null} |
        | Keys in an order of their own     | {"z":1,"a":{"y":2,"b":3}}                                    |
        | The largest whole numbers         | [9007199254740991,-9007199254740991,9007199254740992]        |
        | Very large and very small numbers | [1.7976931348623157e+308,5e-324,0.1]                         |
        | What looks like another notation  | "'; drop table sessions; -- %s $1 ? \\\\ {{}}"               |

  Rule: All that belongs to a message is kept

    Example: A tool's answer
      When the answer of tool call "call-9" is appended to "standup", of 12 tokens and with metadata
      And the store is closed and opened again
      Then message 1 of "standup" answers tool call "call-9", of 12 tokens and with metadata

  Rule: All that belongs to a session is kept

    Example: Opened again
      Given a session "review" with all that a session can have
      When the store is closed and opened again
      Then "review" has all that a session can have

  Rule: What cannot be kept is refused, naming the place

    @library-only
    Scenario Outline: <kind>
      When content with <kind> in it is appended to "standup"
      Then it fails with INVALID_INPUT at "<place>"
      And "standup" has no messages

      Examples:
        | kind               | place                       |
        | not a number       | messages[0].content.list[1] |
        | a date             | messages[0].content.list[1] |
        | a hole             | messages[0].content.list[1] |
        | itself             | messages[0].content.list[1] |
