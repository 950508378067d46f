Feature: Errors across transcripts

  The same error comes in many words: of another folder, at another line, in
  another session. It is known by what is left without them, and told once,
  with the transcripts that later got past it.

  Background:
    Given the Claude session "login" of "shop" on 2026-01-05:
      | asks    | Add a login page                         |
      | runs    | node /home/ann/shop/a.js                 |
      | fails   | Error: Cannot find module '/home/a/b.js' |
      | runs    | node /home/ann/shop/a.js                 |
      | returns | listening                                |
      | answers | The login page is there                  |
    And the Claude session "search" of "api" on 2026-01-06:
      | asks    | Add a search page                        |
      | runs    | node /srv/api/c.js                       |
      | fails   | Error: Cannot find module '/srv/x/d.js'  |
      | runs    | node /srv/api/c.js                       |
      | fails   | Error: Cannot find module '/srv/x/e.js'  |
      | edits   | src/search.ts                            |
      | fails   | File has not been read yet               |
      | answers | I cannot go on                           |
    And the transcripts were ingested

  Rule: Those of most transcripts come first, each with who got past it

    Example: All of them
      Then the errors are:
        | sample                                  | count | transcripts | tools | first      | last       | passed in    |
        | Error: Cannot find module '/srv/x/d.js' | 3     | 2           | Bash  | 2026-01-05 | 2026-01-06 | claude:login |
        | File has not been read yet              | 1     | 1           | Edit  | 2026-01-06 | 2026-01-06 |              |

    Example: Got past later
      Given "search" went on:
        | runs    | node /srv/api/c.js |
        | returns | listening          |
      When the transcripts are ingested
      Then "Error: Cannot find module '<path>'" was got past in "claude:search, claude:login"

    Scenario Outline: Those with <filter>
      Then the errors with '<filter>' came "<counts>" times

      Examples:
        | filter                             | counts |
        | {"project":"shop"}                 | 1      |
        | {"project":"api"}                  | 2, 1   |
        | {"tool":"Edit"}                    | 1      |
        | {"since":"2026-01-06T00:00:00Z"}   | 2, 1   |
        | {"limit":1}                        | 3      |
        | {"project":"web"}                  |        |

    Example: Another namespace has none
      When the namespace is now "acme"
      Then the errors with '{}' came "" times

  Rule: It is told where an error is heading

    Scenario Outline: On <day>
      Given it is "<day>T12:00:00Z"
      Then "File has not been read yet" is <trend>: <recent> in seven days, <earlier> in the seven before

      Examples:
        | day        | trend   | recent | earlier |
        | 2026-01-07 | new     | 1      | 0       |
        | 2026-01-15 | falling | 0      | 1       |
        | 2026-02-01 | quiet   | 0      | 0       |

  Rule: What is no error is not told as one

    Example: A person said no
      Given the Claude session "careful" of "web" on 2026-01-07:
        | asks  | Clean up                                             |
        | runs  | rm -rf build                                         |
        | fails | The user doesn't want to proceed with this tool use. |
      When the transcripts are ingested
      Then the errors with '{"project":"web"}' came "" times
