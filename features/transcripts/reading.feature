Feature: Reading transcripts

  What was read of an agent's session is told as a transcript: what it is, its
  events in their order, and a digest that says what became of it.

  Background:
    Given the Claude session "login" of "shop" on 2026-01-05:
      | asks    | Add a login page                    |
      | thinks  | Where do the pages lie?             |
      | runs    | npm test                            |
      | fails   | Error: Cannot find module 'express' |
      | edits   | src/login.ts                        |
      | returns | The file has been updated           |
      | runs    | npm test                            |
      | returns | 12 passed                           |
      | answers | The login page is there             |
    And the Codex session "upload" of "shop" on 2026-01-06:
      | asks | Make the folder a |
    And the Claude session "search" of "api" on 2026-01-07:
      | asks    | Is it tested? |
      | answers | It is         |
    And the transcripts were ingested

  Rule: Transcripts are listed by when they began, the newest first

    Scenario Outline: Those with <filter>
      Then the transcripts with '<filter>' are "<uids>"

      Examples:
        | filter                                                                 | uids                                       |
        | {}                                                                     | claude:search, codex:upload, claude:login  |
        | {"order":"oldest"}                                                     | claude:login, codex:upload, claude:search  |
        | {"flavor":"claude"}                                                    | claude:search, claude:login                |
        | {"project":"shop"}                                                     | codex:upload, claude:login                 |
        | {"outcome":"abandoned"}                                                | codex:upload                               |
        | {"outcome":"success"}                                                  | claude:login                               |
        | {"since":"2026-01-06T09:00:00Z","until":"2026-01-07T09:00:00Z"}        | codex:upload                               |
        | {"since":"2026-01-06","until":"2026-01-07"}                            | codex:upload                               |
        | {"limit":1}                                                            | claude:search                              |
        | {"project":"web"}                                                      |                                            |

    Example: Paging visits each once
      When the transcripts are paged through by 1
      Then the pages of transcripts showed "claude:search, codex:upload, claude:login"

    Example: A place in another listing is refused
      When the transcripts are paged through by 1, going on with one project
      Then it fails with CURSOR_INVALID

    Scenario Outline: A <field> that there is not is refused
      When the transcripts with '<filter>' are asked for
      Then it fails with INVALID_INPUT at "<field>", mentioning "<valid>"

      Examples:
        | field   | filter               | valid                             |
        | flavor  | {"flavor":"aider"}  | claude, codex, grok               |
        | outcome | {"outcome":"won"}    | success, fail, abandoned, unknown |

  Rule: A transcript is found by its uid

    Example: With what is known of it
      Then "claude:login" is of "shop" and began at "2026-01-05T09:00:00Z"

    Example: One that was never read
      When "claude:other" is asked for
      Then it fails with TRANSCRIPT_NOT_FOUND

    Scenario Outline: <uid> is no uid
      When "<uid>" is asked for
      Then it fails with INVALID_INPUT at "uid", mentioning "claude:<id>"

      Examples:
        | uid      |
        | aider:1 |
        | login    |
        | claude:  |

    Example: Another namespace has none
      Given the namespace is now "acme"
      When "claude:login" is asked for
      Then it fails with TRANSCRIPT_NOT_FOUND

  Rule: Events are told in their order, each of one kind

    Example: All of them
      Then the events of "claude:login" after 0 are:
        | seq | kind          | text                                |
        | 1   | user_msg      | Add a login page                    |
        | 2   | thinking      | Where do the pages lie?             |
        | 3   | test_run      | npm test                            |
        | 4   | error         | Error: Cannot find module 'express' |
        | 5   | edit          | src/login.ts                        |
        | 6   | tool_result   | The file has been updated           |
        | 7   | test_run      | npm test                            |
        | 8   | tool_result   | 12 passed                           |
        | 9   | assistant_msg | The login page is there             |

    Example: Page by page
      When the events of "claude:login" are paged through by 4
      Then the pages held events "1-4, 5-8, 9-9"

    Example: Of some kinds
      Then the events of "claude:login" of the kinds "error, edit" are 4 and 5

    Example: Of a kind that there is not
      When the events of "claude:login" of the kinds "edit, song" are asked for
      Then it fails with INVALID_INPUT

    Example: The full text is brought where it is asked for
      Given "login" went on:
        | asks | Write me a word of 20000 letters |
      And "login" went on with an answer of 20000 letters
      When the transcripts are ingested
      Then event 11 of "claude:login" has a summary of 200 letters and a text of 20000

  Rule: A digest says what became of a transcript, through its last event

    Example: Cost, tools, files, tests and outcome
      Then the digest of "claude:login" has:
        """
        {
          "throughSeq": 9,
          "tools": { "Bash": 2, "Edit": 1 },
          "firstPrompt": "Add a login page",
          "lastAnswer": "The login page is there",
          "filesTouched": ["src/login.ts"],
          "tests": { "runs": 2, "passed": 1, "failed": 1, "last": "passed" },
          "outcome": { "outcome": "success", "confidence": 0.9, "source": "test_run" },
          "isTrivial": false
        }
        """
      And the digest of "claude:login" cost 500 input and 100 output tokens

    Example: It goes on with its transcript
      Given "login" went on:
        | asks    | And a logout button |
        | answers | It is there too     |
      When the transcripts are ingested
      Then the digest of "claude:login" has:
        """
        { "throughSeq": 11, "lastAnswer": "It is there too" }
        """

    Example: A session that tells nothing of how work goes
      Then the digest of "claude:search" has:
        """
        { "throughSeq": 2, "isTrivial": true }
        """

    Example: Of no transcript
      When the digest of "claude:other" is asked for
      Then it fails with TRANSCRIPT_NOT_FOUND
