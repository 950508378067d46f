import { hash } from 'node:crypto'
import { canonicalJson } from '../canonical-json.js'
import type { PriceTable } from './cost.js'
import type { DomainMap } from './domain-map.js'

/** What a store knows of transcripts that no file tells. */
export interface TranscriptSettings {
  /** Names of domains by working folder. Defaults to none. */
  domains: DomainMap
  /** What models cost. Defaults to none: the library knows no prices of its own. */
  prices: PriceTable
}

/** What an opener says of transcripts. */
export interface TranscriptOptions extends Partial<TranscriptSettings> {
  /** The folder that texts of more than 4,096 characters are written to. Defaults to the database. */
  bodies?: string
}

export const noSettings: TranscriptSettings = { domains: {}, prices: {} }

/** Tells by which settings a transcript was valued. */
export const settingsKey = (settings: TranscriptSettings): string =>
  hash('sha256', canonicalJson({ ...settings })).slice(0, 16)
