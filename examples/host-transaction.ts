import { hansardEntities, openHansard } from 'hansard'
import { DataSource, EntitySchema } from 'typeorm'

const Order = new EntitySchema<{ id: string }>({
  name: 'Order',
  tableName: 'orders',
  columns: { id: { type: 'varchar', primary: true } },
})

/** An order and its session commit together, or vanish together. */
async function main(): Promise<void> {
  const dataSource = new DataSource({
    type: 'better-sqlite3',
    database: 'host.db',
    entities: [Order, ...hansardEntities()],
    synchronize: true,
  })
  const hansard = await openHansard({ dataSource, migrate: 'run' })
  const place = (id: string, isRefused: boolean) =>
    dataSource.transaction(async (manager) => {
      await manager.insert(Order, { id })
      await hansard.withTransaction(manager).sessions.create({ actorName: 'ada', externalId: id })
      if (isRefused) throw new Error('card refused')
    })
  await place('order-1', false)
  await place('order-2', true).catch((error: Error) => console.log(error.message))
  const { items } = await hansard.sessions.list()
  console.log(`${await dataSource.manager.count(Order)} order, ${items.length} session`)
  await hansard.close()
  await dataSource.destroy()
}

void main()
