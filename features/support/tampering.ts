import type { MessageJson, SessionArchive, UsageJson } from '../../src/index.js'

const changes: Record<string, (archive: SessionArchive) => void> = {
  'a message': ({ messages }) => void ((messages[0] as MessageJson).content = 'Be verbose.'),
  'the title': ({ session }) => void (session.title = 'Another'),
  'a ledger entry': ({ usage }) => void ((usage[0] as UsageJson).inputTokens += 1),
  'the checksum': (archive) =>
    void (archive.checksum = archive.checksum.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))),
  'the format': (archive) => void Object.assign(archive, { format: 'something.else' }),
}

/** Changes one part of an archive and leaves its checksum as it was. */
export function tamper(archive: SessionArchive, part: string): void {
  const change = changes[part]
  if (!change) throw new TypeError(`No way known to change ${part}`)
  change(archive)
}

/** What somebody with the database's password can do. Each statement says what the example says. */
export const damages: Record<string, string> = {
  'rewrote message 2': `update session_messages set content = '"forged"' where sequence = 2`,
  'removed message 2': 'delete from session_messages where sequence = 2',
  'removed the last message': 'delete from session_messages where sequence = 3',
  'changed the number of messages': 'update sessions set message_count = message_count - 1',
  'hid the last message': 'update sessions set message_count = 2, last_sequence = 2',
  'recorded a false removal': `insert into session_truncations
    select 'false', namespace, id, 1, 2, 1, created_at from sessions`,
  "removed the ledger's entry": 'delete from session_usage',
  'changed the total of tokens': 'update sessions set input_tokens = input_tokens + 1',
}
