Feature: The grammar of search

  A query says which words a message or an event must have. It means the same
  on every database, and what people paste into it, code or punctuation, is
  taken for the words that it holds.

  Rule: Words, phrases, alternatives, exclusions and beginnings

    Example: Each form, by itself and together
      Given a session "notes"
      And a turn is appended to "notes":
        | user | the deploy failed on staging      |
        | user | the deploy was rolled back        |
        | user | back to rolled oats for breakfast |
        | user | deployment notes, nothing failed  |
      Then these searches find:
        | deploy                               | notes#1, notes#2          |
        | deploy failed                        | notes#1                   |
        | deploy AND failed                    | notes#1                   |
        | "rolled back"                        | notes#2                   |
        | rolled back                          | notes#2, notes#3          |
        | breakfast OR staging                 | notes#1, notes#3          |
        | deploy -staging                      | notes#2                   |
        | deploy NOT staging                   | notes#2                   |
        | -staging deploy                      | notes#2                   |
        | deploy*                              | notes#1, notes#2, notes#4 |
        | "the depl"*                          | notes#1, notes#2          |
        | failed (staging OR notes)            | notes#1, notes#4          |
        | failed -(staging OR breakfast)       | notes#4                   |
        | rolled -"rolled back"                | notes#3                   |
        | deploy* ("rolled back" OR failed) -staging | notes#2, notes#4    |

    Example: Operators are capitals; in small letters they are words
      Given a session "notes"
      And a turn is appended to "notes":
        | user | sink or swim  |
        | user | sink the boat |
      Then these searches find:
        | sink or swim   | notes#1          |
        | boat OR swim   | notes#1, notes#2 |
        | OR             | notes#1          |

  Rule: Whatever is pasted is taken for the words that it holds

    Example: Code, names and punctuation
      Given a session "notes"
      And a turn is appended to "notes":
        | user | see BUG-490 in src/foo/bar.ts |
        | user | the map is {"a:b": "x"}       |
        | user | don't write C++ at night      |
        | user | 490 is a bug too              |
        | user | NEAR(title: hello) & more     |
      Then these searches find:
        | BUG-490        | notes#1 |
        | bug-490        | notes#1 |
        | foo/bar.ts     | notes#1 |
        | a:b            | notes#2 |
        | don't          | notes#3 |
        | C++            | notes#3 |
        | NEAR(title:    | notes#5 |
        | hello" & (     | notes#5 |
        | "              |         |
        | *              |         |
        | +++            |         |
        | title:*        | notes#5 |

  Rule: A word is found by its beginning only when that is asked for

    Example: zebra and zeb
      Given a session "notes"
      And a turn is appended to "notes":
        | user | hello zebra |
        | user | zebra       |
      Then these searches find:
        | zebra hello | notes#1          |
        | zeb         |                  |
        | zeb*        | notes#1, notes#2 |

  Rule: Case and accents make no difference

    Example: Letters as people type them
      Given a session "notes"
      And a turn is appended to "notes":
        | user | Crème brûlée in der STRASSE |
        | user | Ёлка и Ελλάς                |
      Then these searches find:
        | creme BRULEE | notes#1 |
        | crème        | notes#1 |
        | straße       | notes#1 |
        | елка         | notes#2 |
        | ΕΛΛΑΣ        | notes#2 |

  Rule: Scripts without blanks are found by any part

    Example: Chinese, Japanese, Korean and Thai
      Given a session "notes"
      And a turn is appended to "notes":
        | user | 我们明天去东京旅行  |
        | user | ガラスの仮面を読む  |
        | user | 서울에서 만나요     |
        | user | สวัสดีชาวโลก        |
      Then these searches find:
        | 东京     | notes#1 |
        | 京东     |         |
        | 明天去东 | notes#1 |
        | 仮面     | notes#2 |
        | カラス   |         |
        | 서울     | notes#3 |
        | 만나     | notes#3 |
        | ชาวโลก   | notes#4 |

  Rule: A query that can mean nothing is refused, and says why

    Example: Blank
      When one searches for "  "
      Then it fails with SEARCH_QUERY_INVALID at "query"

    Example: Nothing but exclusions
      When one searches for "-staging NOT failed"
      Then it fails with SEARCH_QUERY_INVALID at "query"

    Example: Everything but
      When one searches for "deploy OR -staging"
      Then it fails with SEARCH_QUERY_INVALID at "query"

    Example: Too many words
      When one searches for 65 words
      Then it fails with SEARCH_QUERY_INVALID at "query"

    Example: Too long
      When one searches for a word of 1001 letters
      Then it fails with SEARCH_QUERY_INVALID at "query"

    Example: Too deep
      When one searches for a word in 21 parentheses
      Then it fails with SEARCH_QUERY_INVALID at "query"
