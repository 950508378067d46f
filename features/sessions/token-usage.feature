Feature: Counting tokens

  A session's totals are the sum of its ledger, always. What a provider
  reports for one call is added; what it reports as a running total is set.

  Background:
    Given a session "standup"

  Rule: Usage that is added accumulates

    Example: Two calls
      When usage is added to "standup":
        | inputTokens | cacheReadTokens | outputTokens | reasoningTokens | estimatedCostUsd |
        | 100         | 0               | 20           | 5               | 0.1              |
        | 7           | 90              | 3            | 0               | 0.2              |
      Then the usage of "standup" is:
        | inputTokens | cacheReadTokens | cacheWriteTokens | outputTokens | reasoningTokens | estimatedCostUsd |
        | 107         | 90              | 0                | 23           | 5               | 0.3              |

    Example: Many at once
      When 10 input tokens are added to "standup" 12 times at once
      Then "standup" has used 120 input tokens
      And "standup" is sound

    Example: A message may carry what it cost
      When a message that cost 15 output tokens is appended to "standup"
      Then "standup" has used 15 output tokens
      And "standup" is sound

  Rule: A running total that is set replaces what was counted

    Example: Set twice, it is not counted twice
      When the usage of "standup" is set to 100 input tokens
      And the usage of "standup" is set to 250 input tokens
      Then "standup" has used 250 input tokens
      And the ledger of "standup" has 2 entries
      And "standup" is sound

    Example: A lower total is a correction
      Given "standup" spent 100 input and 20 output tokens
      When the usage of "standup" is set to 80 input tokens
      Then "standup" has used 80 input tokens
      And "standup" has used 0 output tokens
      And "standup" is sound

  Rule: Usage that is reported again with its key counts once

    Example: The same report
      When 10 input tokens are added to "standup" with the key "k-1"
      And 10 input tokens are added to "standup" with the key "k-1"
      Then "standup" has used 10 input tokens

    Example: The key of another report is refused
      Given 10 input tokens were added to "standup" with the key "k-1"
      When 11 input tokens are added to "standup" with the key "k-1"
      Then it fails with IDEMPOTENCY_CONFLICT
      And "standup" has used 10 input tokens

  Rule: Tokens are whole numbers and never negative

    Scenario Outline: No such number of tokens
      When <tokens> input tokens are added to "standup"
      Then it fails with INVALID_INPUT at "usage.inputTokens"
      And "standup" has used no tokens

      Examples:
        | tokens |
        | -1     |
        | 1.5    |

      @library-only
      Examples:
        | tokens |
        | NaN    |
