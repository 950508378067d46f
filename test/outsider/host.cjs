'use strict'
const library = require('hansard')
const typeorm = require('typeorm')
const journey = require('./journey.cjs')

// A rejection that nobody handles ends the process with 1.
void journey(library, typeorm, JSON.parse(process.argv[2]))
