@library-only
Feature: The sink

  An event bus is given a sink: it takes events as their senders write them,
  records them in the background, and never fails or delays its caller. What
  it could not record it counts. It lives in the process of its bus, so only
  the library has it.

  Rule: The events of loops are known by their types

    Scenario Outline: <type>
      When the bus sends '{"event":"<type>","loop":"fix","state":"check","outcome":"failed","retries":2,"ts":"2026-01-05T09:00:00.123456+00:00"}'
      And the sink is closed
      Then 1 event was recorded and 0 were dropped
      And the recorded event is "loop fix <state>" of "2026-01-05T09:00:00.123Z"

      Examples:
        | type            | state  |
        | loop_start      | check  |
        | loop_resume     | check  |
        | loop_complete   | failed |
        | state_enter     | check  |
        | route           | check  |
        | retry_exhausted | check  |
        | cycle_detected  | check  |

  Rule: The events of issues bring their state

    Scenario Outline: <type>
      When the bus sends '{"event":"<type>","issue_id":"BUG-1","title":"It hangs"}'
      And the sink is closed
      Then recent activity with '{"kind":"issue"}' is "issue BUG-1 <state>"

      Examples:
        | type            | state       |
        | issue.completed | done        |
        | issue.closed    | done        |
        | issue.deferred  | deferred    |
        | issue.skipped   | cancelled   |
        | issue.created   | open        |
        | issue.started   | in_progress |
        | issue.reopened  | reopened    |

    Example: What a sender counts is written down
      When the bus sends '{"event":"issue.created","issue_id":"BUG-1","priority":1,"title":["It","hangs"]}'
      And the sink is closed
      Then recent activity with '{"kind":"issue"}' is "issue BUG-1 open"

  Rule: Any other event is kept as custom

    Scenario Outline: <event>
      When the bus sends '<event>'
      And the sink is closed
      Then recent activity with '{"kind":"custom"}' is "<kept>"

      Examples:
        | event                                    | kept               |
        | {"event":"parallel.worker_done","n":3}   | custom parallel.worker_done |
        | {"event":"loop_start"}                   | custom loop_start  |
        | {"type":"deploy","state":"done"}         | custom deploy done |
        | {"message":"no type at all"}             | custom event       |

  Rule: The instant of an event is kept if it is one

    Example: Otherwise it is the clock's
      Given it is "2026-01-05T09:00:00Z"
      When the bus sends '{"event":"loop_start","loop":"fix","ts":"yesterday"}'
      And the sink is closed
      Then the recorded event is "loop fix" of "2026-01-05T09:00:00.000Z"

  Rule: What cannot be recorded is dropped, counted and told

    Example: What is no event
      When the bus sends '"hello"'
      And the bus sends '{"event":"loop_start","loop":"fix"}'
      And the sink is closed
      Then 1 event was recorded and 1 was dropped as "invalid"

    Example: What is too large
      Given events may have 100 bytes
      When the bus sends an event of 100000 characters
      And the sink is closed
      Then 0 events were recorded and 1 was dropped as "too-large"

    Example: More than may wait
      Given a sink in which 3 events may wait
      When the bus sends 5 events in one go
      And the sink is closed
      Then 3 events were recorded and 2 were dropped as "full"

    Example: After it was closed
      Given the sink was closed
      When the bus sends '{"event":"loop_start","loop":"fix"}'
      Then 1 event was told to be dropped as "closed"

  Rule: Closing records what waits

    Example: Many events
      When the bus sends 1000 events in one go
      And the sink is closed
      Then 1000 events were recorded and 0 were dropped

    Example: The store that closes first writes them too
      When the bus sends 100 events in one go
      And the store is closed and opened again
      Then there are 100 events
