import { randomBytes } from 'node:crypto'
import { createRedactor, type RedactedText, type Redactor } from '../../domain/redaction.js'
import type { TextPass } from '../../domain/transcripts/rescan-repository.js'
import { summaryOf } from '../../domain/transcripts/summary.js'
import { addCounts } from '../../domain/transcripts/transcript.js'
import type { DraftEvent } from '../../domain/transcripts/transcript-event.js'
import type { TranscriptServiceParts } from './transcript-service-parts.js'

type Counts = Record<string, number>

const maxRemembered = 5_000
const maxRememberedLength = 1_000

/** By the rules of today, with the key of the namespace. */
export async function gateOf({ calls, ingest }: Pick<TranscriptServiceParts, 'calls' | 'ingest'>): Promise<TextGate> {
  const key = await calls.accept(() => ingest.redactionKey(randomBytes(32).toString('hex')))
  return new TextGate(createRedactor({ key }))
}

/** The one way of text into the store: nothing is written, hashed apart or indexed that did not pass here. */
export class TextGate implements TextPass {
  /** Names of tools, models and folders come again and again. */
  private readonly remembered = new Map<string, RedactedText>()

  /** @param redactor undefined where the caller has switched redaction off */
  constructor(private readonly redactor: Redactor | undefined) {}

  get version(): string | null {
    return this.redactor?.version ?? null
  }

  pass(text: string, counts: Counts): RedactedText {
    if (!this.redactor) return text as RedactedText
    const redacted = this.redactor.redact(text)
    addCounts(counts, redacted.counts)
    return redacted.text
  }

  /** Short text of which there is little variety; what is hidden in it is not counted. */
  name(text: string): RedactedText {
    const known = this.remembered.get(text)
    if (known !== undefined) return known
    const passed = this.pass(text, {})
    if (text.length > maxRememberedLength) return passed
    if (this.remembered.size >= maxRemembered) this.remembered.clear()
    this.remembered.set(text, passed)
    return passed
  }

  nameOrNull(text: string | undefined): RedactedText | null {
    return text === undefined ? null : this.name(text)
  }

  /** The summary is taken of what passed: a secret that it cuts in two would not be known for one. */
  words({ body, summary }: DraftEvent, counts: Counts): { body: RedactedText; summary: RedactedText } {
    const passed = this.pass(body, counts)
    return { body: passed, summary: (passed === body ? summary : summaryOf(passed)) as RedactedText }
  }
}
