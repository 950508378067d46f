#!/usr/bin/env node
import { fromEnvironment } from './infrastructure/database/environment.js'
import { runCommandLine } from './infrastructure/cli/command-line.js'
import { openHansard, openMigrations } from './open-hansard.js'

void runCommandLine({ openHansard, openMigrations, fromEnvironment }, process).then((exitCode) => {
  process.exitCode = exitCode
})
