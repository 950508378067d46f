// The package root, so that the build yields dist/index.js beside dist/src and dist/migrations.
export * from './src/index.js'
