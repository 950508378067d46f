Feature: Evicting the texts of transcripts

  A store of transcripts grows without end, and their digests are what is worth
  keeping. An eviction lets full texts go, those first that were analysed first.
  Nothing goes that its digest does not know, and nothing that somebody holds.

  Background:
    Given the Claude session "login" of "shop" on 2026-01-05:
      | asks    | Add a login page                         |
      | runs    | node a.js                                |
      | fails   | Error: Cannot find module '/home/a/b.js' |
      | answers | The login page is there                  |
    And the Claude session "search" of "api" on 2026-01-05:
      | asks    | Add a search page        |
      | answers | The search page is there |
    And the transcripts were ingested
    And it is "2026-02-05T09:00:00Z"

  Rule: Texts go by age, and what is known of them stays

    Example: All of them
      When texts analysed more than 30 days ago are evicted
      Then the eviction let go of "claude:login, claude:search"
      And no event of "claude:login" has a text
      And no event of "claude:search" has a text
      And digests, errors and usage are told as before

    Example: None is old enough
      When texts analysed more than 40 days ago are evicted
      Then the eviction let go of ""
      And every event of "claude:login" has a text

    Example: Within its namespace
      Given the namespace is now "acme"
      When texts analysed more than 30 days ago are evicted
      Then the eviction let go of ""
      When the namespace is now "default"
      Then every event of "claude:login" has a text

  Rule: Texts go by room, no more than are in the way

    Example: One byte too many
      When texts beyond all but one byte of what there is are evicted
      Then the eviction let go of 1 transcript

  Rule: A dry run reports what a run would, and changes nothing

    Example: By age
      Then a dry run of the eviction of texts analysed more than 30 days ago reports what a run then reports

  Rule: What is held stays until it is released

    Example: Held, and released
      Given "claude:login" is held for "the audit of May"
      When texts analysed more than 30 days ago are evicted
      Then the eviction let go of "claude:search"
      And the eviction left "claude:login": "It is held: the audit of May"
      And every event of "claude:login" has a text
      When "claude:login" is released
      And texts analysed more than 30 days ago are evicted
      Then the eviction let go of "claude:login"

    Example: One that is not there
      When "claude:other" is held for "the audit of May"
      Then it fails with TRANSCRIPT_NOT_FOUND

  Rule: What went stays gone, unless it is asked for

    Example: Its file is copied
      Given texts analysed more than 30 days ago were evicted
      And the file of "login" was copied
      When the transcripts are ingested
      Then no event of "claude:login" has a text

    Example: It goes on
      Given texts analysed more than 30 days ago were evicted
      And "login" went on:
        | asks | And a logout button |
      When the transcripts are ingested
      Then the digest of "claude:login" has:
        """
        { "throughSeq": 5, "firstPrompt": "Add a login page" }
        """

    Example: It is read again
      Given texts analysed more than 30 days ago were evicted
      When the transcripts are ingested from their start
      Then every event of "claude:login" has a text
