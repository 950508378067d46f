Feature: Redacting again what is stored

  What was stored under other rules, or under none, is looked through again by
  those of today: texts, names, titles, digests and errors, and what search
  finds of them.

  Background:
    Given a GitHub token
    And the Claude session "login":
      | asks    | Log in with {token}        |
      | runs    | npm whoami                 |
      | fails   | Error: {token} was refused |
      | answers | {token} is no good         |

  Rule: What was kept is hidden, wherever it stands

    Example: Stored without redaction
      Given the transcripts were ingested as they are
      When the transcripts are redacted again
      Then no row of the store holds the token
      And 3 secrets of the kind "github" were hidden now
      And event 1 of "claude:login" reads "Log in with [redacted:github:"

    Example: Running it again hides nothing more
      Given the transcripts were ingested as they are
      And the transcripts were redacted again
      When the transcripts are redacted again
      Then no secret was hidden now

  Rule: A dry run reports what a run would, and changes nothing

    Example: Stored without redaction
      Given the transcripts were ingested as they are
      Then a dry run of the redaction reports what a run then reports
