import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { Client } from 'pg'
import { withPostgres } from './with-postgres.js'

// Packs the package, installs it as the README says into fresh hosts, and lets those use it. With
// `--typeorm=0.3.31` the hosts are on that TypeORM, and sqlite3 is tried too.
const typeorm = process.argv.find((argument) => argument.startsWith('--typeorm='))?.slice('--typeorm='.length)
const quietly = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
const sources = resolve('test/outsider')

interface Place {
  title: string
  /** For openHansard, and for the host's own DataSource. */
  database: object
  dataSource: object
}

/** The arguments of every install line of the README, our name replaced by the packed file. */
function installed(tarball: string): string[] {
  const lines = [...readFileSync('README.md', 'utf8').matchAll(/^npm install (hansard .*)$/gm)].map(
    (match) => match[1] ?? '',
  )
  if (lines.length === 0) throw new Error('The README has no line "npm install hansard …"')
  const names = new Set(lines.flatMap((line) => line.replace(/#.*/, '').trim().split(/\s+/)))
  if (typeorm) names.add('sqlite3')
  return [...names].map((name) =>
    name === 'hansard' ? tarball : typeorm && name === 'typeorm' ? `typeorm@${typeorm}` : name,
  )
}

function makeHost(folder: string, type: 'commonjs' | 'module'): string {
  const host = join(folder, type)
  mkdirSync(host)
  cpSync(sources, host, { recursive: true })
  writeFileSync(join(host, 'package.json'), JSON.stringify({ name: `host-${type}`, private: true, type }))
  return host
}

/** Installs once, natively compiled parts included, and copies the result to the other hosts. */
function prepare(folder: string): { hosts: [string, string][]; driverless: string } {
  execFileSync('npm', ['pack', '--pack-destination', folder, '--loglevel=error'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const { name, version } = JSON.parse(readFileSync('package.json', 'utf8')) as { name: string; version: string }
  const tarball = join(folder, `${name}-${version}.tgz`)
  const commonjs = makeHost(folder, 'commonjs')
  const line = ['install', ...installed(tarball)]
  console.log(`npm ${line.join(' ')}`)
  execFileSync('npm', [...line, ...quietly], { cwd: commonjs, stdio: 'inherit' })
  const esm = makeHost(folder, 'module')
  const driverless = join(folder, 'driverless')
  cpSync(join(commonjs, 'node_modules'), join(esm, 'node_modules'), { recursive: true, verbatimSymlinks: true })
  cpSync(commonjs, driverless, { recursive: true, verbatimSymlinks: true })
  for (const driver of ['better-sqlite3', 'sqlite3', 'pg'])
    rmSync(join(driverless, 'node_modules', driver), { recursive: true, force: true })
  return {
    hosts: [
      [commonjs, 'host.cjs'],
      [esm, 'host.mjs'],
    ],
    driverless,
  }
}

function sqlitePlaces(folder: string, host: string): Place[] {
  const drivers = typeorm ? (['better-sqlite3', 'sqlite3'] as const) : (['better-sqlite3'] as const)
  return drivers.map((driver) => {
    const file = join(folder, `${host}-${driver}.db`)
    return {
      title: driver,
      database: { database: `sqlite:${file}`, ...(typeorm && { sqliteDriver: driver }) },
      dataSource: { type: driver === 'sqlite3' ? 'sqlite' : driver, database: `${file}-host` },
    }
  })
}

async function postgresPlace(url: string, host: string): Promise<Place> {
  const names = [`outsider_${process.pid}_${host}`, `outsider_${process.pid}_${host}_host`].map((name) =>
    name.replace(/\W/g, '_'),
  )
  const client = new Client({ connectionString: url })
  await client.connect()
  for (const name of names) await client.query(`create database ${name}`)
  await client.end()
  const [database, own] = names.map((name) => Object.assign(new URL(url), { pathname: `/${name}` }).href)
  return { title: 'pg', database: { database, poolSize: 2 }, dataSource: { type: 'postgres', url: own } }
}

function assertDriverErrors(driverless: string): void {
  for (const [database, install] of [
    ['sqlite:./none.db', 'npm install better-sqlite3@12'],
    ['postgres://localhost/none', 'npm install pg'],
  ]) {
    const said = execFileSync(process.execPath, ['no-driver.cjs', database ?? ''], {
      cwd: driverless,
      encoding: 'utf8',
    })
    if (!said.startsWith('DRIVER_MISSING: ') || !said.includes(install ?? ''))
      throw new Error(`Without a driver it said: ${said}`)
    console.log(`ok: without a driver, ${database}`)
  }
}

/** The packed types, in a strict host: no cast, no error in them either. */
function assertTyped(cwd: string): void {
  const compilerOptions = {
    ...{ strict: true, declaration: true, noEmit: true, module: 'nodenext', target: 'es2022' },
    ...{ types: ['node'], typeRoots: [resolve('node_modules/@types')], skipLibCheck: typeorm !== undefined },
  }
  writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['typed.ts'] }))
  execFileSync(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', cwd], { stdio: 'inherit' })
  console.log(`ok: typed, ${basename(cwd)}`)
}

async function main(url: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hansard-outsider-'))
  try {
    const { hosts, driverless } = prepare(folder)
    for (const [cwd, script] of hosts) {
      assertTyped(cwd)
      for (const place of [...sqlitePlaces(folder, script), await postgresPlace(url, script)]) {
        execFileSync(process.execPath, [script, JSON.stringify(place)], { cwd, stdio: 'inherit' })
        console.log(`ok: ${script} on ${place.title}${typeorm ? `, TypeORM ${typeorm}` : ''}`)
      }
    }
    execFileSync(join(hosts[0]?.[0] ?? '', 'node_modules/.bin/hansard'), ['--version'], { stdio: 'inherit' })
    assertDriverErrors(driverless)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

withPostgres(main).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
