Feature: Opening contexts

  A context is working state that an agent keeps between the calls of one
  task. Whoever opens it gets a state token, this once; whoever holds the
  token holds the context.

  Rule: A new context is open, at version 1, and holds what it was opened with

    Example: Nothing is needed to open one
      When the context "trip" is opened
      Then the saved context of "trip" is:
        """
        {}
        """
      And "trip" is at version 1 with 0 steps

    Example: What it is opened with comes back, its keys in their order
      When the context "trip" is opened holding:
        """
        { "z": "Oslo", "a": ["世界 👋", null, 0.1], "deep": { "b": true } }
        """
      Then the saved context of "trip" is:
        """
        { "z": "Oslo", "a": ["世界 👋", null, 0.1], "deep": { "b": true } }
        """

    Example: A key by a name that means something to JavaScript is just a key
      When the context "trip" is opened holding:
        """
        { "__proto__": { "admin": true }, "constructor": 1 }
        """
      Then the saved context of "trip" is:
        """
        { "__proto__": { "admin": true }, "constructor": 1 }
        """

  Rule: The state token is told once and kept nowhere

    Example: It is 32 lower-case hexadecimal characters, another one each time
      When the context "trip" is opened
      And the context "hotel" is opened
      Then the tokens of "trip" and "hotel" are hexadecimal and differ

    Example: Nothing in the store holds it, only its hash
      Given a context "trip"
      And the step "forecast" was recorded in "trip"
      When the context "trip" is closed
      Then no text in the store contains the token of "trip"
      And the store knows the token of "trip" by its SHA-256

    Example: No answer but the first tells it
      Given a context "trip"
      When the context "trip" is read
      Then the answer does not contain the token of "trip"

  Rule: What is no token finds nothing, and is not repeated in the refusal

    Example: A token that nobody was given
      When the context of the token "0123456789abcdef0123456789abcdef" is read
      Then it fails with CONTEXT_NOT_FOUND without naming the token

    Scenario Outline: Something else
      When the context of the token "<token>" is read
      Then it fails with INVALID_INPUT at "stateToken"

      Examples:
        | token                              |
        | 0123456789ABCDEF0123456789ABCDEF   |
        | 0123456789abcdef                   |
        | ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ   |
        | ../../../../../../etc/passwd       |
        | ' or 1=1 --                        |

  Rule: Input that makes no sense is refused, naming what is wrong

    Example: A subject without a name
      When the context "trip" is opened for ""
      Then it fails with INVALID_INPUT at "subjectId"
      And there are 0 contexts in all

    Scenario Outline: A lifetime of <ms> milliseconds
      When the context "trip" is opened with a lifetime of <ms> ms
      Then it fails with INVALID_INPUT at "ttlMs"

      Examples:
        | ms          |
        | 0           |
        | 31622400001 |
