// Prints the canonical form (RFC 8785) of each line of the file at argv[2], as JavaScript reads and writes it.

import { readFileSync } from 'node:fs';
import { canonical } from './canonical.mjs';

const lines = readFileSync(process.argv[2], 'utf8').split('\n');
process.stdout.write(lines.map((line) => canonical(JSON.parse(line))).join('\n'));
