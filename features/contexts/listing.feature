Feature: Listing contexts

  A listing shows the contexts of one namespace, newest first, without their
  tokens and logs: what can be used now, or all that have not been purged.

  Background:
    Given a context "trip" of "ada"
    And 1 minute passed
    And a context "hotel" of "bob"
    And 1 minute passed
    And a context "flight" of "ada"

  Rule: Unless asked for all, only what can be used is listed

    Example: Newest first
      Then the contexts are listed as "flight, hotel, trip"

    Example: What ended is left out, and shown among all
      Given the context "hotel" was closed for "bob"
      Then the contexts are listed as "flight, trip"
      And all contexts are listed as "flight (open), hotel (closed), trip (open)"

  Rule: A listing may be of one subject

    Example: By subject
      Then the contexts of "ada" are listed as "flight, trip"
      And the contexts of "eve" are listed as ""

  Rule: Paging visits each context once

    Example: One by one
      When the contexts are paged through by 1
      Then the pages showed "flight, hotel, trip"

    Example: A place in another listing is refused
      When the contexts are paged through by 1, going on with all of them
      Then it fails with CURSOR_INVALID
