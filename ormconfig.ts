import { createDataSource } from './src/infrastructure/database/data-source.js'
import { fromEnvironment } from './src/infrastructure/database/environment.js'

// For TypeORM's own command, as in `typeorm migration:show -d ormconfig.ts`; the library never reads it.
const { database = 'sqlite:./hansard.db', schema, tablePrefix } = fromEnvironment()

export default createDataSource({ database, schema, tablePrefix })
