Feature: What a search shows

  A hit shows the words around what was found, and says where to read on.

  Rule: A snippet shows the words that were found, and marks them

    Example: A short text, whole
      Given a session "trip"
      And "Oslo  in   May; OSLO in June" was appended to "trip"
      When one searches for "oslo may"
      Then the first snippet is "[Oslo] in [May]; [OSLO] in June"

    Example: A phrase is marked as one
      Given a session "trip"
      And "see BUG-490, it was rolled back" was appended to "trip"
      When one searches for:
        """
        "rolled back" bug-490
        """
      Then the first snippet is "see [BUG-490], it was [rolled back]"

    Example: Marks stand in the original text, accents and all
      Given a session "trip"
      And "the CRÈME brûlée" was appended to "trip"
      When one searches for "creme"
      Then the first snippet is "the [CRÈME] brûlée"

    Example: A long text is cut
      Given a session "trip"
      And "Oslo" was said 1 times in "trip"
      And a message of 100 sentences about "Bergen" and one about "Oslo" was appended to "trip"
      When one searches for "oslo"
      Then no snippet is longer than 200 characters

  Rule: What structured content says is searched, its keys and encoded bytes are not

    Example: Blocks of a message
      Given a session "trip"
      And this content is appended to "trip":
        """
        [
          { "type": "text", "text": "Looking it up" },
          { "type": "tool_use", "name": "weather", "input": { "city": "Oslo", "days": 5 } },
          { "type": "image", "source": "data:image/png;base64,T3Nsbw" }
        ]
        """
      Then these searches find:
        | oslo     | trip#1 |
        | weather  | trip#1 |
        | 5        | trip#1 |
        | city     |        |
        | tool_use |        |
        | T3Nsbw   |        |

  Rule: Lately may count for more

    Example: Half of it at the half-life
      Given it is "2026-01-01T09:00:00Z"
      And a session "old"
      And "Oslo Oslo" was appended to "old"
      And it is "2026-02-01T09:00:00Z"
      And a session "new"
      And "Oslo for the weekend with the family" was appended to "new"
      When one searches for "oslo"
      Then it finds "old#1, new#1", in this order
      When one searches for "oslo" with
        | recencyHalfLifeMs | 86400000 |
      Then it finds "new#1, old#1", in this order
