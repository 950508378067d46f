Feature: Creating sessions

  A session is one conversation of an actor with agents. The store gives it
  its id. What the caller may bring along is a name of its own (the external
  id), a title and metadata.

  Rule: A new session is active and empty

    Example: An actor is all it takes
      When the session "standup" is created for "ada"
      Then "standup" belongs to "ada"
      And "standup" has the status "active"
      And "standup" has no messages
      And "standup" has used no tokens

    Example: Metadata comes back as it was given
      When the session "standup" is created with the metadata:
        """
        { "zone": "eu", "labels": ["daily", null], "a": { "deep": 1.5 } }
        """
      Then the metadata of "standup" is:
        """
        { "zone": "eu", "labels": ["daily", null], "a": { "deep": 1.5 } }
        """

  Rule: An external id names at most one session of a namespace

    Example: A session is found by its external id
      Given a session "standup" known as "ticket-7"
      Then the session known as "ticket-7" is "standup"
      And no session is known as "ticket-8"

    Example: A name that is taken is refused
      Given a session "standup" known as "ticket-7"
      When the session "other" is created, known as "ticket-7"
      Then it fails with EXTERNAL_ID_TAKEN
      And there is 1 session

    Example: Asked for by several callers at once, it is created once
      When 8 callers ask at once for the session known as "ticket-7"
      Then all of them got the same session
      And there is 1 session

  Rule: A creation that is retried with its key makes one session

    Example: The retry gets the session first created
      When the session "standup" is created for "ada" with the key "k-1"
      And the session "retry" is created for "ada" with the key "k-1"
      Then "standup" and "retry" are the same session
      And there is 1 session

    Example: The key of another creation is refused
      Given the session "standup" was created for "ada" with the key "k-1"
      When the session "other" is created for "bob" with the key "k-1"
      Then it fails with IDEMPOTENCY_CONFLICT
      And there is 1 session

  Rule: Input that makes no sense is refused, naming what is wrong

    Example: No actor
      When the session "standup" is created for ""
      Then it fails with INVALID_INPUT at "actorName"

    Example: An external id beyond 255 characters
      When the session "standup" is created with an external id of 256 characters
      Then it fails with INVALID_INPUT at "externalId"
      And there are 0 sessions
