import { runMain } from './main.js';
import { Terminal } from './shell/terminal.js';

void runMain(process.argv.slice(2), new Terminal(process)).then((code) => (process.exitCode = code));
