Feature: Searching transcripts

  What agents said and did is found by the same search as everything else: each
  event by its words, and each transcript as a whole by its digest.

  Background:
    Given a GitHub token
    And the Claude session "login" of "shop" on 2026-01-05:
      | asks    | Add a login page, with {token}      |
      | runs    | npm test                            |
      | fails   | Error: Cannot find module 'express' |
      | runs    | npm install express                 |
      | returns | added 1 package                     |
      | answers | The login page is there             |
    And the Claude session "search" of "api" on 2026-01-06:
      | asks    | Is the page tested? |
      | answers | It is               |
    And the transcripts were ingested

  Rule: An event is found by its words, a transcript by its digest

    Scenario Outline: Searching for <query> among <kind>
      Then searching for "<query>" with kinds "<kind>" finds "<places>"

      Examples:
        | query         | kind       | places                                             |
        | express       | transcript | claude:login#3, claude:login#4                     |
        | express       | digest     | claude:login                                       |
        | page          | transcript | claude:login#1, claude:login#6, claude:search#1    |
        | page -tested  | transcript | claude:login#1, claude:login#6                     |
        | page          | digest     | claude:login, claude:search                        |

    Scenario Outline: Within <option> <value>
      Then searching for "page" with <option> "<value>" finds "<places>"

      Examples:
        | option    | value                | places                                       |
        | projectId | api                  | claude:search, claude:search#1               |
        | projectId | web                  |                                              |
        | sessionId | login                | claude:login, claude:login#1, claude:login#6 |
        | since     | 2026-01-06T00:00:00Z | claude:search, claude:search#1               |

    Example: Another namespace finds nothing
      When the namespace is now "acme"
      Then searching for "page" finds ""

  Rule: What is found follows from the files

    Example: A session that goes on
      Given "search" went on:
        | asks | And documented? |
      When the transcripts are ingested
      Then searching for "documented" with kinds "transcript" finds "claude:search#3"

    Example: A file that was rewritten
      Given "search" was rewritten:
        | asks | Is it documented? |
      When the transcripts are ingested
      Then searching for "tested" finds ""
      And searching for "documented" finds "claude:search, claude:search#1"

    Example: A copy adds nothing
      Given the file of "search" was copied
      When the transcripts are ingested
      Then searching for "tested" finds "claude:search, claude:search#1"

  Rule: No secret is found

    Example: The words around it are
      Then searching for "login with" with kinds "transcript" finds "claude:login#1"
      And searching for the token finds nothing
