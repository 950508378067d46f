Feature: Counting tokens once

  Agents write what a response cost several times: in each record of it, in the
  file of a session that was resumed or forked, in a copy. It was spent once and
  is counted once. Each response of these examples costs 20 output tokens.

  Background:
    Given the Claude session "login":
      | asks    | Add a login page        |
      | runs    | mkdir login             |
      | returns | made                    |
      | answers | The login page is there |

  Rule: A response is counted once across files

    Example: A session by itself
      When the transcripts are ingested
      Then the output tokens are:
        | claude:login | 40 |

    Example: A copy of its file
      Given the file of "login" was copied
      When the transcripts are ingested
      Then the output tokens are:
        | claude:login | 40 |
      And "claude:login" was read from 2 sources

    Example: A session that was resumed under another id
      Given "login" was resumed as "next day":
        | asks    | Is it tested? |
        | answers | It is         |
      When the transcripts are ingested
      Then the output tokens are:
        | claude:login    | 40 |
        | claude:next day | 20 |
      And "claude:next day" was copied from "claude:login"

    Example: The resumed session was read first
      Given "login" was resumed as "next day":
        | asks    | Is it tested? |
        | answers | It is         |
      When the files are ingested one by one from the last to the first
      Then the output tokens are:
        | claude:login    | 40 |
        | claude:next day | 20 |

    Example: A fork that repeats the history it comes from
      Given the Codex session "upload":
        | asks    | Make the folder a |
        | answers | Made              |
      And "upload" was forked as "other":
        | asks    | Make b as well |
        | answers | Made           |
      When the transcripts are ingested
      Then the output tokens are:
        | claude:login | 40 |
        | codex:other  | 20 |
        | codex:upload | 20 |
      And "codex:other" was copied from "codex:upload"

  Rule: A response in several records costs what the fullest of them says

    Example: Written while it was not yet done
      Given "login" tells its last response again, with 1 output token
      When the transcripts are ingested
      Then the output tokens are:
        | claude:login | 40 |

  Rule: The parts add up to the whole

    Example: The events of a transcript
      When the transcripts are ingested
      Then the output tokens of the events of "claude:login" are "20, 20"

    Example: The sums of all transcripts are the usage
      Given "login" was resumed as "next day":
        | asks    | Is it tested? |
        | answers | It is         |
      When the transcripts are ingested
      Then the usage by model is:
        | group    | responses | input | cached | output |
        | claude-x | 3         | 300   | 30     | 60     |
