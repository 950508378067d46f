Feature: Usage of coding agents

  What agents have spent is summed by day, by project or by model. Days are days
  of UTC. Each response of these examples costs 100 input tokens, 10 from the
  cache and 20 output tokens.

  Background:
    Given the Claude session "login" of "shop" on 2026-01-05:
      | asks    | Add a login page        |
      | answers | The login page is there |
      | asks    | And a logout button     |
      | answers | It is there too         |
    And the Codex session "upload" of "shop" on 2026-01-06:
      | asks    | Make the folder a |
      | answers | Made              |
    And the Claude session "search" of "api" on 2026-01-06:
      | asks    | Is it tested? |
      | answers | It is         |
    And the transcripts were ingested

  Rule: The parts add up to the whole, whatever they are

    Example: By day
      Then the usage by day is:
        | group      | responses | input | cached | output |
        | 2026-01-05 | 2         | 200   | 20     | 40     |
        | 2026-01-06 | 2         | 200   | 20     | 40     |

    Example: By project
      Then the usage by project is:
        | group | responses | input | cached | output |
        | shop  | 3         | 300   | 30     | 60     |
        | api   | 1         | 100   | 10     | 20     |

    Example: By model
      Then the usage by model is:
        | group    | responses | input | cached | output |
        | claude-x | 3         | 300   | 30     | 60     |
        | gpt-x    | 1         | 100   | 10     | 20     |

    Example: By domain, as the store calls working folders
      Given the folder "/srv/shop" is of the domain "sales"
      And the transcripts were ingested
      Then the usage by domain is:
        | group | responses | input | cached | output |
        | sales | 3         | 300   | 30     | 60     |
        | null  | 1         | 100   | 10     | 20     |
      And the transcripts with '{"domain":"sales"}' are "codex:upload, claude:login"

  Rule: Days are in their order, all else by tokens, the most first

    Example: As many as another
      Given the Claude session "cart" of "api" on 2026-01-07:
        | asks    | And the cart? |
        | answers | As well       |
        | asks    | All of it?    |
        | answers | Yes           |
      And the transcripts were ingested
      Then the usage by project is:
        | group | responses | input | cached | output |
        | api   | 3         | 300   | 30     | 60     |
        | shop  | 3         | 300   | 30     | 60     |
      And the usage by day is:
        | group      | responses | input | cached | output |
        | 2026-01-05 | 2         | 200   | 20     | 40     |
        | 2026-01-06 | 2         | 200   | 20     | 40     |
        | 2026-01-07 | 2         | 200   | 20     | 40     |

  Rule: What has a price is estimated, and what has none is told

    Example: A price for one model of two
      Given a million tokens of "claude-x" cost 3 dollars read, 0.3 from the cache and 15 written
      And the transcripts were ingested
      Then the estimates by model are:
        | group    | dollars  | without a price |
        | claude-x | 0.001809 | 0               |
        | gpt-x    | null     | 1               |
      And "claude:login" has cost 0.001206 dollars

    Example: The store knows no prices of its own
      Then the estimates by model are:
        | group    | dollars | without a price |
        | claude-x | null    | 3               |
        | gpt-x    | null    | 1               |

  Rule: Of a part of the time

    Example: Since an instant, and until before another
      Then the usage by model since "2026-01-06T00:00:00Z" is:
        | group    | responses | input | cached | output |
        | claude-x | 1         | 100   | 10     | 20     |
        | gpt-x    | 1         | 100   | 10     | 20     |
      And the usage by model until "2026-01-06T00:00:00Z" is:
        | group    | responses | input | cached | output |
        | claude-x | 2         | 200   | 20     | 40     |

  Rule: Within its namespace, and by what there is

    Example: Another namespace has spent nothing
      When the namespace is now "acme"
      Then there is no usage by day

    Example: By something else
      When the usage by "week" is asked for
      Then it fails with INVALID_INPUT at "by", mentioning "day, project, domain, model"
