Feature: What transcripts tell of activity

  An ingest records the calls of tools, the files that were changed and what a
  person said into the work as events of activity, in step with the transcript.

  Background:
    Given the Claude session "login" of "shop" on 2026-01-05:
      | asks    | Add a login page                    |
      | runs    | npm test                            |
      | fails   | Error: Cannot find module 'express' |
      | edits   | src/login.ts                        |
      | returns | The file has been updated           |
      | answers | The login page is there             |

  Rule: Calls and changed files are events

    Example: A session
      When the transcripts are ingested
      Then recent activity with '{"sessionId":"login"}' is "file Edit, tool Edit, tool Bash failed"
      And recent activity with '{"path":"src/login.ts"}' is "file Edit, tool Edit"

    Example: Not where it is not wanted
      When the transcripts are ingested without telling activity
      Then recent activity with '{}' is ""

  Rule: Events follow their transcript

    Example: Ingested again, and copied
      Given the transcripts were ingested
      And the file of "login" was copied
      When the transcripts are ingested
      Then recent activity with '{}' is "file Edit, tool Edit, tool Bash failed"

    Example: Written anew
      Given the transcripts were ingested
      And "login" was rewritten:
        | asks    | Add a logout page |
        | runs    | npm run lint      |
        | returns | clean             |
      When the transcripts are ingested
      Then recent activity with '{}' is "tool Bash"

    Example: Another namespace has none
      Given the transcripts were ingested
      When the namespace is now "acme"
      Then recent activity with '{}' is ""
