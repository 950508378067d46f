#!/usr/bin/env node
import { runCommandLine } from './infrastructure/cli/command-line.js'
import { fromEnvironment } from './infrastructure/database/environment.js'
import { openHansard, openMigrations } from './open-hansard.js'

void runCommandLine({ openHansard, openMigrations, fromEnvironment }, process).then((exitCode) => {
  process.exitCode = exitCode
})
