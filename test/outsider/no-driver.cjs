'use strict'
const { openHansard } = require('hansard')

openHansard({ database: process.argv[2] }).then(
  () => process.exit(1),
  (error) => process.stdout.write(`${error.code}: ${error.message}`),
)
