Feature: Finding activity

  Recent events are listed newest first, by whatever they have in common.
  What is related to a file, an issue, a session or a loop is found one hop
  away. Three questions are answered by calls of their own.

  Background:
    Given the activity:
      | at    | kind  | name | path | issueId | sessionId | projectId | state  |
      | 09:00 | issue |      |      | BUG-1   | s-1       | web       | open   |
      | 09:01 | file  |      | a.ts | BUG-1   | s-1       | web       |        |
      | 09:02 | tool  | Bash |      |         | s-1       | web       | failed |
      | 09:03 | loop  | fix  |      | BUG-1   | s-2       | web       | failed |
      | 09:04 | loop  | fix  |      | BUG-1   | s-2       | web       | error  |
      | 09:05 | file  |      | b.ts | BUG-2   | s-3       | api       |        |
      | 09:06 | loop  | fix  |      | BUG-2   | s-3       | api       | failed |
      | 09:07 | tool  | Edit | a.ts |         | s-3       | api       | failed |
      | 09:08 | tool  | Edit | b.ts |         | s-3       | api       |        |
      | 09:09 | issue |      |      | BUG-1   | s-2       | web       | done   |

  Rule: Recent events are listed newest first

    Scenario Outline: Those with <filter>
      Then recent activity with '<filter>' is "<events>"

      Examples:
        | filter                                                                      | events                                                       |
        | {"limit":3}                                                                 | issue BUG-1 done, tool Edit, tool Edit failed                |
        | {"kind":"file"}                                                             | file b.ts, file a.ts                                         |
        | {"kind":"custom"}                                                           |                                                              |
        | {"path":"a.ts"}                                                             | tool Edit failed, file a.ts                                  |
        | {"issueId":"BUG-2"}                                                         | loop fix failed, file b.ts                                   |
        | {"sessionId":"s-2"}                                                         | issue BUG-1 done, loop fix error, loop fix failed            |
        | {"projectId":"api","kind":"tool"}                                           | tool Edit, tool Edit failed                                  |
        | {"name":"Bash"}                                                             | tool Bash failed                                             |
        | {"state":"error"}                                                           | loop fix error                                               |
        | {"since":"2026-01-05T09:01:00Z","until":"2026-01-05T09:03:00Z"}             | tool Bash failed, file a.ts                                  |
        | {"since":"2026-01-05","until":"2026-01-06","kind":"file"}                   | file b.ts, file a.ts                                         |
        | {"until":"2026-01-05"}                                                      |                                                              |

    Example: Paging visits each event once
      When recent activity is paged through by 3
      Then the pages showed 10 events, each once

    Example: A place in another listing is refused
      When recent activity is paged through by 3, going on with one kind
      Then it fails with CURSOR_INVALID

    Example: A kind that is not registered is refused, and the others are named
      When recent activity of the kind "deploy" is asked for
      Then it fails with INVALID_INPUT at "kind", mentioning "tool, file, issue, loop, correction, custom"

    Example: Another namespace sees nothing
      When the namespace is now "acme"
      Then recent activity with '{}' is ""

  Rule: What is related carries the subject, or is one hop away

    Scenario Outline: To <subject>
      Then the activity related to '<subject>' is "<events>"

      Examples:
        | subject               | events                                                                                                                                                  |
        | {"path":"a.ts"}       | issue BUG-1 done (issue), tool Edit failed (direct), loop fix error (issue), loop fix failed (issue), file a.ts (direct), issue BUG-1 open (issue)      |
        | {"issueId":"BUG-2"}   | tool Edit (session), tool Edit failed (session), loop fix failed (direct), file b.ts (direct)                                                           |
        | {"sessionId":"s-1"}   | issue BUG-1 done (issue), loop fix error (issue), loop fix failed (issue), tool Bash failed (direct), file a.ts (direct), issue BUG-1 open (direct)     |
        | {"path":"none.ts"}    |                                                                                                                                                         |

    Example: To a loop
      Then 7 events are related to the loop "fix", 3 of them directly

    Example: Paging visits each once
      When what is related to "a.ts" is paged through by 2
      Then the pages showed 6 events, each once

    Example: Exactly one subject
      When what is related to '{"path":"a.ts","loop":"fix"}' is asked for
      Then it fails with INVALID_INPUT at "subject"

  Rule: Which loops failed on issues touching a file?

    Example: Of each its failures and the last of them
      Then the loops that failed on issues touching "a.ts" are:
        | name | issue | failures | last state | last at |
        | fix  | BUG-1 | 2        | error      | 09:04   |
      And the loops that failed on issues touching "b.ts" are:
        | name | issue | failures | last state | last at |
        | fix  | BUG-2 | 1        | failed     | 09:06   |

    Example: A file that no issue touched
      Then no loop failed on issues touching "c.ts"

  Rule: What happened to an issue, in order?

    Example: Oldest first
      Then the history of the issue "BUG-1" is "issue BUG-1 open, file a.ts, loop fix failed, loop fix error, issue BUG-1 done"

  Rule: Which tools fail most, and where?

    Example: Each tool of a project with the path where it failed most
      Then the tools that fail are:
        | name | project | path | calls | failures | rate |
        | Edit | api     | a.ts | 2     | 1        | 0.5  |
        | Bash | web     |      | 1     | 1        | 1    |

    Example: Of one project
      Then the tools that fail in "web" are:
        | name | project | path | calls | failures | rate |
        | Bash | web     |      | 1     | 1        | 1    |
