import { ArrayMaxSize, ArrayMinSize, IsArray, IsInt, IsString, Max, Min } from 'class-validator'
import { IsBound, IsText } from '../input-rules.js'
import { Optional } from '../validated.js'

const century = 100 * 365 * 24 * 60 * 60_000

export class SearchFields {
  @Optional() @IsArray() @ArrayMinSize(1) @ArrayMaxSize(64) @IsString({ each: true }) kinds?: string[]
  @Optional() @IsText(255) actorName?: string
  @Optional() @IsText(255) sessionId?: string
  @Optional() @IsText(255) projectId?: string
  @Optional() @IsBound() since?: Date | string
  @Optional() @IsBound() until?: Date | string
  @Optional() @IsInt() @Min(1) @Max(century) recencyHalfLifeMs?: number
  @Optional() @IsInt() @Min(1) @Max(100) limit?: number
  @Optional() @IsText(2_000) cursor?: string
}
