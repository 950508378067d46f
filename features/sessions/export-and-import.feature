Feature: Exporting and importing sessions

  An archive is a whole session in one document that describes itself and
  carries a checksum. Importing it makes the session again, here or elsewhere.

  Background:
    Given a session "standup" with all that a session can have
    And "standup" was exported
    And the namespace is now "acme"

  Rule: An archive holds everything

    Example: Imported and exported again, only its identity has changed
      When the archive is imported as "copy"
      And "copy" is exported
      Then both archives are equal but for ids, namespace, origin and checksum
      And "copy" is sound

    Example: Imported into an empty store with its ids, it is the same to the byte
      Given the namespace is now "default"
      And another store, empty
      When the archive is imported as "copy", keeping its ids
      And "copy" is exported
      Then both archives are the same to the byte

    Example: The copy remembers where it came from
      When the archive is imported as "copy"
      Then "copy" comes from "standup"

    Example: The line form holds the same
      Given the namespace is now "default"
      And "standup" was exported line by line
      And another store, empty
      When the lines are imported as "copy", keeping their ids
      And "copy" is exported
      Then both archives are the same to the byte

  Rule: The checksum names its algorithm once

    Example: As it was written
      Then the checksum of the archive starts with "sha256:" once

    Example: Without the name of its algorithm it is accepted as well
      Given the checksum has lost its "sha256:"
      When the archive is imported as "copy"
      And "copy" is exported
      Then the checksum of the archive starts with "sha256:" once

  Rule: An archive that is not what it was is refused, and nothing of it stored

    Scenario Outline: Changed after its export
      Given <change> of the archive has been changed
      When the archive is imported as "copy"
      Then it fails with <code>
      And there are 0 sessions

      Examples:
        | change             | code                        |
        | a message          | ARCHIVE_CHECKSUM_MISMATCH   |
        | the title          | ARCHIVE_CHECKSUM_MISMATCH   |
        | a ledger entry     | ARCHIVE_CHECKSUM_MISMATCH   |
        | the checksum       | ARCHIVE_CHECKSUM_MISMATCH   |
        | the format         | ARCHIVE_MALFORMED           |

    Example: Of a newer version, it is refused by name
      Given the archive is of version 99
      When the archive is imported as "copy"
      Then it fails with ARCHIVE_VERSION_UNSUPPORTED at "version", mentioning "99"
