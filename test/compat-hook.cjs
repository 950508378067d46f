// Required before anything else, with TYPEORM_COMPAT=typeorm-03: everything of ours then meets that
// TypeORM instead of the one it is developed on.
const Module = require('node:module')

const resolve = Module._resolveFilename
const other = process.env.TYPEORM_COMPAT

Module._resolveFilename = function (request, ...rest) {
  const isTypeorm = request === 'typeorm' || request.startsWith('typeorm/')
  return resolve.call(this, other && isTypeorm ? request.replace('typeorm', other) : request, ...rest)
}
