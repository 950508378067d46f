Feature: Recording activity

  What happens around agents is recorded as events of a few kinds: tools
  called, files changed, issues moved, loops run, corrections made. An event
  is checked by the rules of its kind, kept as it was given, and never
  changed. What is of no kind that we know is kept too.

  Rule: An event is kept with what it was given

    Example: All that an event can say
      Given it is "2026-01-05T09:00:00Z"
      When this event is recorded:
        """
        {
          "kind": "tool", "name": "Edit", "ts": "2026-01-05T08:59:00Z", "sessionId": "s-1", "issueId": "BUG-1",
          "projectId": "web", "actorName": "ada", "path": "src/a.ts", "state": "done", "retries": 2,
          "payload": { "bytesIn": 10, "cacheHit": false, "note": ["kept", null] }
        }
        """
      Then the event has:
        """
        {
          "kind": "tool", "name": "Edit", "sessionId": "s-1", "issueId": "BUG-1", "projectId": "web",
          "actorName": "ada", "path": "src/a.ts", "state": "done", "retries": 2, "failed": false,
          "payload": { "bytesIn": 10, "cacheHit": false, "note": ["kept", null] }
        }
        """
      And the event happened at "2026-01-05T08:59:00Z" and was recorded at "2026-01-05T09:00:00Z"
      And the event can be read by its id

    Example: Without an instant it happened when it was recorded
      Given it is "2026-01-05T09:00:00Z"
      When this event is recorded:
        """
        { "kind": "file", "path": "src/a.ts" }
        """
      Then the event happened at "2026-01-05T09:00:00Z" and was recorded at "2026-01-05T09:00:00Z"

    Example: The arguments of a tool are hashed and not kept
      When this event is recorded:
        """
        { "kind": "tool", "name": "Bash", "args": { "timeout": 5, "command": "login --password hunter2" } }
        """
      Then the event has:
        """
        { "payload": { "argsHash": "94a5b863883de67c" } }
        """
      And no event in the store contains "hunter2"

  Rule: A kind that is not registered is kept as custom

    Example: Under its own kind as the name
      When this event is recorded:
        """
        { "kind": "deploy", "projectId": "web", "payload": { "to": "production" } }
        """
      Then the event has:
        """
        { "kind": "custom", "name": "deploy", "payload": { "to": "production", "originalKind": "deploy" } }
        """

  Rule: What the kind cannot be without is asked for, by its path

    Scenario Outline: An event of kind <kind> without it
      When this event is recorded:
        """
        { "kind": "<kind>" }
        """
      Then it fails with INVALID_INPUT at "<path>"

      Examples:
        | kind       | path            |
        | tool       | name            |
        | file       | path            |
        | issue      | issueId         |
        | loop       | name            |
        | correction | payload.content |
        | custom     | name            |

    Example: A field of the wrong type
      When this event is recorded:
        """
        { "kind": "tool", "name": "Edit", "payload": { "bytesOut": -1 } }
        """
      Then it fails with INVALID_INPUT at "payload.bytesOut"

    Example: A payload that is too large
      Given events may have 100 bytes
      When this event is recorded:
        """
        { "kind": "correction", "payload": { "content": "No, the other one: the one that was there before the last release, the one with the blue button, please" } }
        """
      Then it fails with EVENT_TOO_LARGE at "payload"
      And there are 0 events

  Rule: Several are recorded together or not at all

    Example: All
      When these events are recorded together:
        """
        [{ "kind": "file", "path": "a.ts" }, { "kind": "file", "path": "b.ts" }]
        """
      Then there are 2 events

    Example: None, since one is wrong
      When these events are recorded together:
        """
        [{ "kind": "file", "path": "a.ts" }, { "kind": "file" }]
        """
      Then it fails with INVALID_INPUT at "events[1].path"
      And there are 0 events

    Example: None, since one conflicts
      Given this event was recorded:
        """
        { "kind": "issue", "issueId": "BUG-1", "state": "done", "nativeId": "n-1" }
        """
      When these events are recorded together:
        """
        [{ "kind": "file", "path": "a.ts" }, { "kind": "issue", "issueId": "BUG-1", "state": "open", "nativeId": "n-1" }]
        """
      Then it fails with IDEMPOTENCY_CONFLICT
      And there is 1 event

  Rule: A native id is recorded once

    Background:
      Given this event was recorded:
        """
        { "kind": "issue", "issueId": "BUG-1", "state": "done", "nativeId": "n-1" }
        """

    Example: Again, it is the event that is there, whenever it comes
      When 5 minutes pass
      And this event is recorded:
        """
        { "kind": "issue", "issueId": "BUG-1", "state": "done", "nativeId": "n-1" }
        """
      Then it is the event recorded before
      And there is 1 event

    Example: With another content it is refused
      When this event is recorded:
        """
        { "kind": "issue", "issueId": "BUG-1", "state": "open", "nativeId": "n-1" }
        """
      Then it fails with IDEMPOTENCY_CONFLICT

    Example: A reopened issue is done twice
      When this event is recorded:
        """
        { "kind": "issue", "issueId": "BUG-1", "state": "done", "nativeId": "n-2" }
        """
      Then there are 2 events

    Example: Without one, the same is recorded as often as it is said
      When this event is recorded:
        """
        { "kind": "issue", "issueId": "BUG-1", "state": "done" }
        """
      And this event is recorded:
        """
        { "kind": "issue", "issueId": "BUG-1", "state": "done" }
        """
      Then there are 3 events

    Example: Many callers with one native id
      When 8 callers record an event at once with the native id "n-3"
      Then there are 2 events

  Rule: An event is seen in its own namespace alone

    Example: Not by its id, and its native id is free elsewhere
      Given this event was recorded:
        """
        { "kind": "file", "path": "a.ts", "nativeId": "n-1" }
        """
      When the namespace is now "acme"
      Then the event is not found
      When this event is recorded:
        """
        { "kind": "file", "path": "b.ts", "nativeId": "n-1" }
        """
      Then there is 1 event

  Rule: An event can be deleted

    Example: It is gone, and a second deletion finds nothing
      Given this event was recorded:
        """
        { "kind": "file", "path": "a.ts" }
        """
      When the event is deleted
      Then the event is not found
      When the event is deleted
      Then it fails with EVENT_NOT_FOUND

  Rule: What failed is known by the rule of its kind

    Scenario Outline: <event>
      When this event is recorded:
        """
        <event>
        """
      Then the event <outcome>

      Examples:
        | event                                                                                     | outcome    |
        | { "kind": "tool", "name": "Bash", "payload": { "exitCode": 1 } }                          | failed     |
        | { "kind": "tool", "name": "Bash", "payload": { "success": false } }                       | failed     |
        | { "kind": "tool", "name": "Bash", "state": "error" }                                      | failed     |
        | { "kind": "tool", "name": "Bash", "payload": { "exitCode": 0 } }                          | was no failure |
        | { "kind": "loop", "name": "fix", "payload": { "transition": "retry_exhausted" } }         | failed     |
        | { "kind": "loop", "name": "fix", "state": "failed", "payload": { "transition": "loop_complete" } } | failed |
        | { "kind": "loop", "name": "fix", "state": "failed", "payload": { "transition": "state_enter" } } | was no failure |
        | { "kind": "issue", "issueId": "BUG-1", "state": "cancelled" }                             | was no failure |
