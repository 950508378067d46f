Feature: Reporting usage

  What was spent is told by model and by day, for one session or for all.
  Days are days of UTC.

  Background:
    Given a session "standup"
    And a session "review"
    And it is "2026-03-01T23:59:59Z"
    And 100 input tokens of "model-a" were added to "standup"
    And 10 input tokens of "model-b" were added to "review"
    And it is "2026-03-02T00:00:01Z"
    And 5 input tokens of "model-a" were added to "standup"

  Rule: The parts add up to the whole

    Example: By model
      Then the input tokens by model are:
        | model-a | 105 |
        | model-b | 10  |

    Example: By day
      Then the input tokens by day are:
        | 2026-03-01 | 110 |
        | 2026-03-02 | 5   |

    Example: Of one session
      Then the input tokens of "standup" by day are:
        | 2026-03-01 | 100 |
        | 2026-03-02 | 5   |

  Rule: A deleted session is counted no more

    Example: What is left
      When "standup" is deleted
      Then the input tokens by model are:
        | model-b | 10 |
