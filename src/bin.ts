#!/usr/bin/env node
import { runCommandLine } from './infrastructure/cli/command-line.js'
import { exitCodes } from './infrastructure/cli/exit-codes.js'
import { fromEnvironment } from './infrastructure/database/environment.js'
import { openHansard, openMigrations } from './open-hansard.js'

void runCommandLine({ openHansard, openMigrations, fromEnvironment }, process).then((exitCode) => {
  process.exitCode = exitCode
  // A socket whose database went silent would keep the process for good; what ends by itself is not cut short.
  if (exitCode === exitCodes.storage) setTimeout(() => process.exit(), 1_000).unref()
})
