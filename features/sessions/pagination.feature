Feature: Reading page by page

  A page says how to go on and how to go back. Sessions created at the same
  instant are the hard case, and the one that these examples take.

  Rule: Going through the pages shows each session exactly once

    Example: Forwards
      Given 130 sessions created at the same instant
      When the sessions are paged through by 40
      Then 130 sessions were seen on 4 pages, each once

    Example: And backwards again
      Given 130 sessions created at the same instant
      When the sessions are paged through by 40 and back again
      Then the pages seen on the way back were those seen on the way there

    Example: The page that ends with the last session says that nothing follows
      Given 20 sessions created at the same instant
      When the sessions are paged through by 10
      Then 20 sessions were seen on 2 pages, each once

    Example: A session created meanwhile shifts nothing
      Given 20 sessions created at the same instant
      When the sessions are paged through by 6 while new ones are created
      Then 20 sessions were seen on 4 pages, each once

  Rule: A place in a listing is good for that listing only

    Example: With another filter
      Given 3 sessions created at the same instant
      And a page of 2 sessions has been read
      When the next page is read with the actor "bob"
      Then it fails with CURSOR_INVALID

    Example: Made up
      When the page at "nowhere" is read
      Then it fails with CURSOR_INVALID

  Rule: Messages are read by their numbers

    Example: From the beginning, page by page
      Given a session "standup"
      And "standup" holds 25 messages
      When "standup" is paged through by 10
      Then the pages held messages "1-10, 11-20, 21-25"

    Scenario Outline: A part of the session
      Given a session "standup"
      And "standup" holds 25 messages
      When the messages of "standup" are read <part>
      Then messages <numbers> were read

      Examples:
        | part                    | numbers |
        | after 20                | "21-25" |
        | before 4                | "1-3"   |
        | before 20, at most 5    | "15-19" |
        | after 3 and before 8    | "4-7"   |
        | from the end, 3 of them | "23-25" |
        | after 25                | ""      |

    Example: A page without room is refused
      Given a session "standup"
      When the messages of "standup" are read after 0, at most 0
      Then it fails with INVALID_INPUT at "limit"
