Feature: Listing sessions

  A listing shows the sessions of one namespace, without their messages.

  Background:
    Given these sessions, a minute apart:
      | name     | actor | metadata                           |
      | breakfast | ada   | { "zone": "eu", "priority": 1 }    |
      | standup  | bob   | { "zone": "eu", "priority": null } |
      | review   | ada   | { "zone": "us" }                   |

  Rule: The newest comes first, unless asked otherwise

    Example: Newest first
      Then the sessions are listed as "review, standup, breakfast"

    Example: Oldest first
      When the sessions are listed with the order "oldest"
      Then the listing shows "breakfast, standup, review"

    Example: Activity does not move a session
      When "Hello" is appended to "breakfast"
      Then the sessions are listed as "review, standup, breakfast"

  Rule: A filter shows what matches all of it

    Example: By actor
      When the sessions are listed with the actor "ada"
      Then the listing shows "review, breakfast"

    Example: By status
      Given "standup" was closed
      When the sessions are listed with the status "closed"
      Then the listing shows "standup"

    Example: By metadata
      When the sessions are listed with the metadata:
        """
        { "zone": "eu", "priority": 1 }
        """
      Then the listing shows "breakfast"

    Example: By metadata that is null, which is not the same as absent
      When the sessions are listed with the metadata:
        """
        { "priority": null }
        """
      Then the listing shows "standup"

    Example: By the time of creation
      When the sessions created since "standup" are listed
      Then the listing shows "review, standup"

    Example: By days, which begin in UTC
      When the sessions created from "2026-01-05" until "2026-01-06" are listed
      Then the listing shows "review, standup, breakfast"

  Rule: To find nothing is not a failure

    Example: Nobody by that name
      When the sessions are listed with the actor "eve"
      Then the listing shows ""

  Rule: What cannot be asked for is refused

    Example: A status that does not exist
      When the sessions are listed with the status "asleep"
      Then it fails with INVALID_INPUT at "status"
