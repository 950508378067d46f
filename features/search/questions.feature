Feature: Questions in natural language

  People ask as they talk. Where nothing has all the words of a query, what
  has some of those that matter is found instead, and the result says so.

  Background:
    Given a session "notes"
    And a turn is appended to "notes":
      | user | the deploy of billing failed twice |
      | user | lunch at noon                      |
      | user | billing is up again                |

  Rule: What matches as it stands comes first, and alone

    Example: All words are there
      When one searches for "billing failed"
      Then it finds "notes#1"
      And every word was found

  Rule: Else any of the words will do, those that say nothing left out

    Example: A question
      When one searches for "Why did the billing deploy crash?"
      Then it finds "notes#1, notes#3"
      And only some of the words were found

    Example: More of the words is better
      When one searches for "who knows whether billing failed yesterday"
      Then it finds "notes#1, notes#3", in this order

    Example: What was excluded stays out
      When one searches for "why did billing crash -failed"
      Then it finds "notes#3"
      And only some of the words were found

  Rule: Words that every text has find nothing by themselves

    Example: Nothing but such words
      When one searches for "what was that with you"
      Then it finds nothing
