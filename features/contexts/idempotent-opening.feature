Feature: Opening again

  A caller who does not know whether an opening arrived sends it again with
  the same key. The token is kept nowhere, so it cannot be told again: the
  repeated call gets another one.

  Rule: A repeated opening gives the same context under a new token

    Example: The new token leads to the context, the old one to nothing
      Given the context "lost" was opened with the key "k-1"
      When the context "trip" is opened with the key "k-1"
      Then "trip" and "lost" are the same context
      And there is 1 context in all
      And the context "trip" can be read
      But the context "lost" is not found

    Example: All callers at once make one context, and one of them holds it
      When 8 callers open a context at once with the key "k-1"
      Then there is 1 context in all
      And 1 of their tokens leads to it

    Example: A repeated opening does not lengthen the lifetime
      Given the context "lost" was opened with the key "k-1"
      When 10 minutes pass
      And the context "trip" is opened with the key "k-1"
      Then "trip" expires when "lost" was to expire

  Rule: Once the context was used, somebody holds its token

    Example: After a step
      Given the context "trip" was opened with the key "k-1"
      And the step "forecast" was recorded in "trip"
      When the context "again" is opened with the key "k-1"
      Then it fails with IDEMPOTENCY_CONFLICT
      And the context "trip" can be read

    Example: After a patch
      Given the context "trip" was opened with the key "k-1"
      And the context "trip" was patched with:
        """
        { "umbrella": true }
        """
      When the context "again" is opened with the key "k-1"
      Then it fails with IDEMPOTENCY_CONFLICT
      And the context "trip" can be read

    Example: After it was closed
      Given the context "trip" was opened with the key "k-1"
      And the context "trip" was closed
      When the context "again" is opened with the key "k-1"
      Then it fails with IDEMPOTENCY_CONFLICT

    Example: After it expired
      Given the context "trip" was opened with the key "k-1"
      And 1440 minutes passed
      When the context "again" is opened with the key "k-1"
      Then it fails with IDEMPOTENCY_CONFLICT

  Rule: A key stands for one opening

    Example: The key of another opening is refused
      Given the context "trip" was opened with the key "k-1"
      When the context "other" is opened for "ada" with the key "k-1"
      Then it fails with IDEMPOTENCY_CONFLICT
      And there is 1 context in all
      And the context "trip" can be read

    Example: A key belongs to its namespace
      Given the context "trip" was opened with the key "k-1"
      When the namespace is now "acme"
      And the context "other" is opened with the key "k-1"
      Then "trip" and "other" are different contexts

    Example: After the purge the key is free
      Given the context "trip" was opened with the key "k-1"
      And the context "trip" was closed
      And 20160 minutes passed
      And the contexts were purged
      When the context "again" is opened with the key "k-1"
      Then "trip" and "again" are different contexts
