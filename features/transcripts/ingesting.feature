Feature: Ingesting transcripts

  Coding agents leave their sessions on disk, each in a format of its own. An
  ingest reads what is new there. It may be run at any time and broken off at
  any time: what the store tells follows from the files alone, not from when,
  how often and in which order they were read.

  Background:
    Given the Claude session "login":
      | asks    | Add a login page                    |
      | runs    | npm test                            |
      | fails   | Error: Cannot find module 'express' |
      | edits   | package.json                        |
      | returns | The file has been updated           |
      | runs    | npm test                            |
      | returns | 12 passed                           |
      | answers | The login page is there             |

  Rule: The sessions of all agents are told alike

    Scenario Outline: One of <agent>
      Given the <agent> session "upload" of "shop" on 2026-01-05:
        | asks    | Make the folder a                                |
        | runs    | ls a                                             |
        | fails   | ls: cannot access 'a': No such file or directory |
        | runs    | mkdir a                                          |
        | returns | made                                             |
        | answers | It is there                                      |
      When the transcripts are ingested
      Then "<uid>" has the figures:
        | prompts | calls | results | errors | input | cached | output |
        | 1       | 2     | 2       | 1      | 300   | 30     | 60     |
      And "<uid>" is of "shop" and began at "2026-01-05T09:00:00Z"

      Examples:
        | agent  | uid           |
        | Claude | claude:upload |
        | Codex  | codex:upload  |
        | Grok   | grok:upload   |

  Rule: Running it again changes nothing

    Example: The same files
      Given the transcripts were ingested
      When the transcripts are ingested
      Then the ingest found 1 source: 0 read, 1 unchanged
      And the transcripts are told as before

    Example: A file that is as it was is not even opened
      Given the transcripts were ingested
      And the file of "login" holds nonsense of the same size and time
      When the transcripts are ingested
      Then the ingest found 1 source: 0 read, 1 unchanged
      And the transcripts are told as before

    Example: A file that is gone is still told
      Given the transcripts were ingested
      And the file of "login" was deleted
      When the transcripts are ingested
      Then the ingest found 0 sources: 0 read, 0 unchanged
      And the transcripts are told as before

  Rule: A session that goes on is read on

    Example: One more prompt
      Given the transcripts were ingested
      And "login" went on:
        | asks    | And a logout button |
        | answers | It is there too     |
      When the transcripts are ingested
      Then the ingest found 1 source: 1 read, 0 unchanged
      And the events of "claude:login" after 7 are:
        | seq | kind          | text                    |
        | 8   | assistant_msg | The login page is there |
        | 9   | user_msg      | And a logout button     |
        | 10  | assistant_msg | It is there too         |

  Rule: The order in which files are read does not matter

    Example: Resumed, forked and copied sessions
      Given "login" was resumed as "next day":
        | asks    | Is it tested? |
        | answers | It is         |
      And the file of "login" was copied
      And the Codex session "upload":
        | asks    | Make the folder a |
        | runs    | mkdir a           |
        | returns | made              |
      And "upload" was forked as "other":
        | asks    | Make b as well |
        | answers | Made           |
      When the files are ingested one by one, and in another namespace from the last to the first
      Then both namespaces tell the same 4 transcripts

  Rule: A torn line is read once, when it is whole

    Example: The agent is writing it
      Given the last line of "login" is half written
      And the transcripts were ingested
      Then "claude:login" has 7 events, 7 records and 1 malformed line
      When the last line of "login" is written to its end
      And the transcripts are ingested
      Then "claude:login" has 8 events, 8 records and 0 malformed lines
      And the last answer of "claude:login" is "The login page is there"

  Rule: A file that was rewritten is told as it now stands

    Example: Another beginning
      Given the transcripts were ingested
      And "login" was rewritten:
        | asks    | Add a logout page        |
        | answers | The logout page is there |
      When the transcripts are ingested
      Then the events of "claude:login" after 0 are:
        | seq | kind          | text                     |
        | 1   | user_msg      | Add a logout page        |
        | 2   | assistant_msg | The logout page is there |
      And "claude:login" is of generation 2

    Example: Another agent's session
      Given the transcripts were ingested
      And the file of "login" is now the Codex session "upload":
        | asks    | Make the folder a |
        | answers | It is there       |
      When the transcripts are ingested
      Then there are the transcripts "codex:upload"

  Rule: A file is told once, wherever it lies

    Example: It was moved
      Given the transcripts were ingested
      And the file of "login" was moved
      When the transcripts are ingested
      Then the ingest found 1 source: 1 read, 0 unchanged
      And "claude:login" has 8 events, 8 records and 0 malformed lines
      And "claude:login" is told by 1 file

    Example: It was copied
      Given the transcripts were ingested
      And the file of "login" was copied
      When the transcripts are ingested
      Then the ingest found 2 sources: 1 read, 1 unchanged
      And "claude:login" has 8 events, 8 records and 0 malformed lines
      And "claude:login" is told by 2 files

  Rule: What cannot be read is counted, and stops nothing

    Example: A line longer than one may be is left out
      Given "login" has a line of 17 MiB, and went on:
        | asks | And a logout button |
      When the transcripts are ingested
      Then "claude:login" has 9 events, 9 records and 0 malformed lines
      And "claude:login" has 1 oversized line of 17 MiB

    Example: A line that is no record
      Given "login" has the line "this is no record", and went on:
        | asks | And a logout button |
      When the transcripts are ingested
      Then "claude:login" has 9 events, 9 records and 1 malformed line

    Example: A record of a type that is not known yet
      Given "login" has the line '{"type":"from-the-future","sessionId":"login"}', and went on:
        | asks | And a logout button |
      When the transcripts are ingested
      Then "claude:login" has 9 events, 10 records and 0 malformed lines
      And "claude:login" has 1 record of unknown type

  Rule: Only known agents are asked for

    Example: Of one agent
      Given the Codex session "upload":
        | asks | Make the folder a |
      When the transcripts of "codex" are ingested
      Then there are the transcripts "codex:upload"

    Example: Of an agent that nobody knows
      When the transcripts of "aider" are ingested
      Then it fails with INVALID_INPUT at "flavors", mentioning "claude, codex, grok"

  Rule: An ingest stays within its namespace

    Example: Another namespace reads the files for itself
      Given the transcripts were ingested
      When the namespace is now "acme"
      Then there are the transcripts ""
      When the transcripts are ingested
      Then the ingest found 1 source: 1 read, 0 unchanged
