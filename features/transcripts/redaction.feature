Feature: Redaction of transcripts

  Agents see keys and passwords, and write them down. Before anything of a
  transcript is stored or indexed, what looks like a secret is taken out and a
  mark put in its place, which is the same for the same secret.

  Background:
    Given a GitHub token
    And the Claude session "login":
      | asks    | Log in with {token}                     |
      | runs    | curl -u ann:{token} https://api.example |
      | fails   | Error: {token} was refused              |
      | runs    | npm whoami                              |
      | returns | the key is {token}                      |
      | answers | {token} is no good                      |

  Rule: No secret is stored, wherever it stood

    Example: Nothing in the store holds it
      When the transcripts are ingested
      Then no row of the store holds the token
      And event 1 of "claude:login" reads "Log in with [redacted:github:"
      And "claude:login" hid 5 secrets of the kind "github"

    Example: Nor what a cursor remembers of a line that is half written
      Given the last line of "login" is half written
      When the transcripts are ingested
      Then no row of the store holds the token

    Example: The same secret has the same mark
      When the transcripts are ingested
      Then 5 events of "claude:login" hold the same mark

  Rule: It is kept only for who asks for it

    # What is switched off by whoever runs the ingest.
    Example: Without redaction
      When the transcripts are ingested as they are
      Then event 1 of "claude:login" reads "Log in with ghp_"
