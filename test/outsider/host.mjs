import * as library from 'hansard'
import { openHansard } from 'hansard'
import * as typeorm from 'typeorm'
import journey from './journey.cjs'

if (library.openHansard !== openHansard) throw new Error('The names are not exported one by one')
await journey(library, typeorm, JSON.parse(process.argv[2]))
