Feature: Search, page by page

  A cursor goes on where a page ended. Every page is full until the last, and
  none is shifted by what is recorded in the meantime.

  Background:
    Given a session "notes"
    And "Oslo" was said 5 times in "notes"

  Rule: Pages visit each hit once, and are full until the last

    Example: Two by two
      When the search for "oslo" is read in pages of 2
      Then the pages held "2, 2, 1" hits
      And the pages together are what one page of 100 for "oslo" is

    Example: A last page that is full has no cursor
      When the search for "oslo" is read in pages of 5
      Then the pages held "5" hits

    Example: What only resembles is paged as well
      When the search for "where is Oslo airport" is read in pages of 3
      Then the pages held "3, 2" hits

  Rule: A cursor belongs to its query, its scopes and its namespace

    Example: Another query
      When the first 2 hits for "oslo" are read
      And the next 2 hits for "bergen" are read
      Then it fails with CURSOR_INVALID

    Example: Another namespace
      When the first 2 hits for "oslo" are read
      And the namespace is now "globex"
      And the next 2 hits for "oslo" are read
      Then it fails with CURSOR_INVALID

  Rule: Later pages tell of what was there when the first was read

    Example: What comes after the first page does not shift the next
      When the first 3 hits for "oslo" are read
      And "Oslo, Oslo, Oslo" is appended to "notes"
      And the next 3 hits for "oslo" are read
      Then both pages together are "notes#1, notes#2, notes#3, notes#4, notes#5"
