import assert from 'node:assert/strict'
import { Then } from '@cucumber/cucumber'
import { foundFor } from '../support/searches.js'
import { secretToken } from '../support/secret-token.js'
import type { HansardWorld } from '../support/world.js'

/** Nor by its beginning: a mark takes the place of the whole. */
Then('searching for the token finds nothing', async function (this: HansardWorld) {
  for (const query of [secretToken, `"${secretToken}"`, `${secretToken.slice(0, 12)}*`]) {
    assert.equal(await foundFor(this, query), '')
  }
})
