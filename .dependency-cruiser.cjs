// Which file may import which. Every rule is proved by a planted violation in test/dependency-rules.test.ts.
const edges = '^src/infrastructure/(http|cli|adapters)/'
const packages = 'node_modules/'

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'domain-imports-nothing-outward',
      comment: 'The domain knows itself, ulid, class-validator, canonicalize and node:crypto.',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { pathNot: ['^src/domain/', `${packages}(ulid|class-validator|canonicalize)/`, '^(node:)?crypto$'] },
    },
    {
      name: 'application-imports-only-domain',
      comment: 'Services speak to ports: the domain, class-validator and Node itself.',
      severity: 'error',
      from: { path: '^src/application/' },
      to: {
        pathNot: ['^src/(domain|application)/', `${packages}class-validator/`],
        dependencyTypesNot: ['core'],
      },
    },
    {
      name: 'core-is-orm-free',
      comment: 'Neither the ORM nor a driver above infrastructure.',
      severity: 'error',
      from: { path: ['^src/(domain|application)/', '^src/hansard\\.ts$'] },
      to: { path: `${packages}(typeorm|better-sqlite3|sqlite3|pg)/` },
    },
    {
      name: 'facade-knows-only-the-domain',
      comment: 'The facade is what edges and hosts see: it must not pull the storage in.',
      severity: 'error',
      from: { path: '^src/hansard\\.ts$' },
      to: { pathNot: '^src/domain/' },
    },
    {
      name: 'edges-use-the-facade',
      comment: 'Command line, service and adapters reach storage through the facade alone.',
      severity: 'error',
      from: { path: edges },
      to: {
        path: [
          '^src/infrastructure/database/',
          '^src/application/',
          '^migrations/',
          '^src/(open-hansard|index|bin)\\.ts$',
        ],
      },
    },
    {
      name: 'capabilities-do-not-mix',
      comment: 'What two capabilities share stands in the root of the layer.',
      severity: 'error',
      from: { path: '^src/(domain|application|infrastructure/database)/([^/]+)/' },
      to: {
        path: '^src/(domain|application|infrastructure/database)/[^/]+/',
        pathNot: '^src/(domain|application|infrastructure/database)/$2/',
      },
    },
    {
      name: 'only-open-hansard-wires',
      comment: 'The wiring is imported by the two doors of the package and by nothing else.',
      severity: 'error',
      from: { path: '^(src|migrations)/', pathNot: '^src/(index|bin)\\.ts$' },
      to: { path: '^src/(open-hansard|index|bin)\\.ts$' },
    },
    {
      name: 'sources-do-not-import-tests',
      comment: 'What is published must stand without what proves it.',
      severity: 'error',
      from: { path: '^(src|migrations)/' },
      to: { path: '^(test|features|bench|examples|scripts)/' },
    },
    {
      name: 'no-circular',
      comment: 'Type-only cycles included: they are how layers begin to leak.',
      severity: 'error',
      from: { path: '^(src|migrations)/' },
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      comment: 'An import that resolves to nothing would slip through every rule above.',
      severity: 'error',
      from: { path: '^(src|migrations)/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // TypeScript 7 has no API for the tsc parser; swc also sees the type-only imports that a compiler drops.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.json', '.d.ts'],
    },
  },
}
