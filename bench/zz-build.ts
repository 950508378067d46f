import { fill, fillSmall } from './search-corpus.js'

const { openHansard } = require('../dist/index.js') as typeof import('../src/index.js')
async function main() {
  const url = process.env.TEST_DATABASE_URL
  const h = await openHansard(
    url
      ? { database: url, schema: 'big', migrate: 'run' }
      : { database: 'sqlite:/tmp/proto/big.db', durability: 'normal' },
  )
  const id = await fill(h, Number(process.argv[2]), (n) => {
    if (n % 100000 === 0) console.error(n)
  })
  const s = await openHansard(
    url
      ? { database: url, schema: 'small', migrate: 'run' }
      : { database: 'sqlite:/tmp/proto/small.db', durability: 'normal' },
  )
  await fillSmall(s)
  require('node:fs').writeFileSync('/tmp/proto/rare-' + (url ? 'pg' : 'sqlite'), id)
  await h.close()
  await s.close()
  console.log('done')
  if (url) {
    console.log(url)
    await new Promise((r) => setTimeout(r, 6e6))
  }
}
main().catch((e) => {
  console.error(e)
  process.exit(1)
})
