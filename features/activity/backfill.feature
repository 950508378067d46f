# What a service may read of its machine is not for its callers to say.
@not-http
Feature: Backfilling

  What happened before anyone recorded it stands in files: issues with their
  frontmatter, the states of loops, transcripts of coding agents. A backfill
  reads them and records what they tell, as though it had been there. It may be
  run again at any time: each event has an identity of its own, and each file a
  cursor that goes on together with what was read.

  Background:
    Given the issue file "bugs/P1-BUG-7-lost-update.md":
      """
      ---
      id: BUG-7
      status: done
      discovered_by: ada
      captured_at: 2026-01-04T08:00:00Z
      completed_at: 2026-01-05T09:00:00Z
      ---
      # A lost update
      """
    And the loop file ".history/2026-01-05T080000-fix/state.json":
      """
      {"loop_name": "fix", "status": "failed", "issue_id": "BUG-7", "started_at": "2026-01-05T08:00:00Z"}
      """
    And the transcript "project/s1.jsonl":
      """
      {"type":"assistant","sessionId":"s1","timestamp":"2026-01-05T08:10:00Z","message":{"content":[{"type":"tool_use","id":"call-1","name":"Bash","input":{"command":"npm test"}}]}}
      {"type":"user","sessionId":"s1","timestamp":"2026-01-05T08:11:00Z","message":{"content":[{"type":"tool_result","tool_use_id":"call-1","is_error":true,"content":"1 failed"}]}}
      """

  Rule: Each source gives events of its kind

    Example: An issue, a run of a loop and a tool call
      When a backfill is run
      Then the backfill reports:
        | inserted | updated | skipped | failed |
        | 3        | 0       | 0       | 0      |
      And what the backfill recorded is:
        | kind  | at                   | of    | state  | failed |
        | issue | 2026-01-05T09:00:00Z | BUG-7 | done   | no     |
        | tool  | 2026-01-05T08:10:00Z | Bash  | failed | yes    |
        | loop  | 2026-01-05T08:00:00Z | fix   | failed | yes    |

  Rule: Running it again adds nothing

    Example: The same files
      Given a backfill was run
      When a backfill is run
      Then the backfill reports:
        | inserted | updated | skipped | failed |
        | 0        | 0       | 0       | 0      |
      And the backfills recorded 3 events

    Example: The same files somewhere else
      Given a backfill was run
      And the issue file "bugs/P1-BUG-7-lost-update.md" was moved to "done/BUG-7.md"
      And the transcript "project/s1.jsonl" was moved to "archive/old.jsonl"
      When a backfill is run
      Then the backfill reports:
        | inserted | updated | skipped | failed |
        | 0        | 0       | 2       | 0      |
      And the backfills recorded 3 events

  Rule: An issue that is done a second time is done twice

    Example: Reopened, and done again
      Given a backfill was run
      And the issue file "bugs/P1-BUG-7-lost-update.md":
        """
        ---
        id: BUG-7
        status: done
        completed_at: 2026-01-09T09:00:00Z
        ---
        """
      When a backfill is run
      Then the backfill reports:
        | inserted | updated | skipped | failed |
        | 1        | 0       | 0       | 0      |
      And the states of issue "BUG-7" were "done, done"

  Rule: An issue that goes on stands behind what it was before

    Example: Reopened, without a date of its own
      Given a backfill was run
      And the issue file "bugs/P1-BUG-7-lost-update.md":
        """
        ---
        id: BUG-7
        status: open
        captured_at: 2026-01-04T08:00:00Z
        completed_at: 2026-01-05T09:00:00Z
        ---
        """
      And a backfill was run
      And the issue file "bugs/P1-BUG-7-lost-update.md":
        """
        ---
        id: BUG-7
        title: Still lost
        status: open
        captured_at: 2026-01-04T08:00:00Z
        ---
        """
      When a backfill is run
      Then the states of issue "BUG-7" were "done, open"

  Rule: What a source says otherwise later is brought up to date

    Example: A loop that was tried again and came through
      Given a backfill was run
      And the loop file ".history/2026-01-05T080000-fix/state.json":
        """
        {"loop_name": "fix", "status": "completed", "issue_id": "BUG-7", "started_at": "2026-01-05T08:00:00Z"}
        """
      When a backfill is run
      Then the backfill reports:
        | inserted | updated | skipped | failed |
        | 0        | 1       | 0       | 0      |
      And the backfills recorded 3 events

  Rule: What cannot be read is told, and stops nothing

    Example: An issue without frontmatter, and a line that is no JSON
      Given the issue file "README.md":
        """
        How we write issues
        """
      And the transcript "project/s2.jsonl":
        """
        this is no record

        """
      When a backfill is run
      Then the backfill reports:
        | inserted | updated | skipped | failed |
        | 3        | 0       | 0       | 2      |
      And these were rejected:
        | file      | place    | because            |
        | README.md | document | has no frontmatter |
        | s2.jsonl  | line 1   | is not JSON        |

    Example: A reject goes when its file is put right
      Given the issue file "bugs/P1-BUG-7-lost-update.md":
        """
        ---
        id: BUG-7
        """
      And a backfill was run
      And the issue file "bugs/P1-BUG-7-lost-update.md":
        """
        ---
        id: BUG-7
        captured_at: 2026-01-04T08:00:00Z
        ---
        """
      When a backfill is run
      Then no source has a reject
      And the backfills recorded 3 events

  Rule: Sources that are not there are reported as absent

    Example: No loops
      When a backfill is run without the folder of loops
      Then the backfill found the issues "read", the loops "absent" and the transcripts "read"
      And the backfills recorded 2 events

    # The command has places of its own where none is named.
    @library-only
    Example: Nothing to read at all
      When a backfill is run of nothing
      Then it fails with INVALID_INPUT at "input"

  Rule: A backfill stays within its namespace

    Example: Another namespace has its own cursors and events
      Given a backfill was run
      When the namespace is now "acme"
      Then the backfills recorded 0 events
      When a backfill is run
      Then the backfill reports:
        | inserted | updated | skipped | failed |
        | 3        | 0       | 0       | 0      |
