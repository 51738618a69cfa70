#!/usr/bin/env node
/** The command line: finds the command, and ends with the exit code that it says. */
import { EXIT, reportError } from './errors.js';
import { parse } from './parse.js';
import { tolerateClosedPipes } from './terminal.js';

const argv = process.argv.slice(2);
// What stands behind the dashes is the program's.
const own = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
const debug = own.includes('--debug') || (process.env['LIFEGUARD_DEBUG'] ?? '') !== '';

tolerateClosedPipes();
let status: number;
try {
  status = await parse(argv);
} catch (error) {
  reportError(error, debug);
  status = EXIT.failed;
}
// Some libraries leave a socket or a timer behind; stdout and stderr have been written by now.
process.exit(status);
