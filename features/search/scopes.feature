Feature: What a search is narrowed to

  A search stays within its namespace, and within what it is asked for: kinds,
  an actor, a session, a project, a span of time.

  Background:
    Given it is "2026-01-05T09:00:00Z"
    And a session "trip"
    And "Oslo it is" was appended to "trip"
    And it is "2026-01-06T09:00:00Z"
    And the session "work" is created for "bob"
    And "Oslo office" was appended to "work"
    And these events were recorded:
      | kind       | name | path        | line | content        | actorName | projectId | ts                   |
      | tool       | grep | src/oslo.ts |      |                | bob       | p1        | 2026-01-07T09:00:00Z |
      | file       |      | src/oslo.ts | 12   |                | bob       | p2        | 2026-01-08T09:00:00Z |
      | correction |      | AGENTS.md   |      | Oslo, not Rome |           |           | 2026-01-09T09:00:00Z |

  Rule: Messages and events are found together, each by its place

    Example: Everything
      Then searching for "oslo" finds "AGENTS.md, src/oslo.ts, src/oslo.ts:12, trip#1, work#1"

    Example: What a message brings along
      Given it is "2026-01-10T09:00:00Z"
      When "To Bergen" is appended to "trip"
      And one searches for "bergen"
      Then what was found is a message of "trip" by "ada", said now
      And it is message 2 of "trip" that was found

  Rule: Each scope narrows, and they narrow together

    Example: By kind
      Then searching for "oslo" with kinds "message" finds "trip#1, work#1"
      And searching for "oslo" with kinds "tool, file" finds "src/oslo.ts, src/oslo.ts:12"

    Example: By actor, of sessions and events alike
      Then searching for "oslo" with actorName "bob" finds "src/oslo.ts, src/oslo.ts:12, work#1"
      And searching for "oslo" with actorName "eve" finds ""

    Example: By session and by project
      Then searching for "oslo" with session "trip" finds "trip#1"
      And searching for "oslo" with projectId "p2" finds "src/oslo.ts:12"

    Example: By time, from an instant on and before one
      Then searching for "oslo" with since "2026-01-08T09:00:00Z" finds "AGENTS.md, src/oslo.ts:12"
      And searching for "oslo" with until "2026-01-06T09:00:00Z" finds "trip#1"

    Example: By days, which begin in UTC
      Then searching for "oslo" with since "2026-01-08" finds "AGENTS.md, src/oslo.ts:12"
      And searching for "oslo" with until "2026-01-06" finds "trip#1"

    Example: Together
      When one searches for "oslo" with
        | kinds     | message, tool        |
        | actorName | bob                  |
        | since     | 2026-01-07T00:00:00Z |
      Then it finds "src/oslo.ts"

    Example: A question stays within its scope
      When one searches for "where is the oslo airport" with
        | session | trip |
      Then it finds "trip#1"
      And only some of the words were found

    Example: A kind that there is not
      When one searches for "oslo" with
        | kinds | email |
      Then it fails with INVALID_INPUT

  Rule: Nothing of another namespace is found

    Example: The wall
      Given the namespace is now "globex"
      Then searching for "oslo" finds ""
      When a session "theirs"
      And "Oslo, too" was appended to "theirs"
      Then searching for "oslo" finds "theirs#1"

  Rule: A kind that is switched off is not found and leaves nothing to find

    Example: Without messages
      When the store is opened without searching "message"
      And "Oslo again" was appended to "trip"
      Then the index holds 5 entries
