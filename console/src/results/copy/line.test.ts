import { describe, expect, test } from 'vitest';
import { type Asked, line } from './line.ts';

const PARAMETERS: Asked['parameters'] = {
  properties: {
    name: { type: 'string' },
    text: { type: 'string' },
    times: { type: 'integer' },
    dry_run: { type: 'boolean' },
    tags: { type: 'array', items: { type: 'string' } },
    note: { anyOf: [{ type: 'string' }, { type: 'null' }] },
  },
  required: ['name', 'text'],
};
const asked = (more: Partial<Asked>): Asked => ({
  path: '/do/it', rest: '', parameters: PARAMETERS, isProven: false, url: 'https://a.example', ...more,
});
const AFTER = ' --server https://a.example';

describe('a line of the terminal', () => {
  test.each([
    ['n hello', 'n hello'],
    ["n 'good  morning' --times 2", "n 'good  morning' --times 2"],
    ['n good morning to you', "n 'good morning to you'"],
    ['--times=3 text:hi n', 'n hi --times 3'],
    ['--name n --text hi', 'n hi'],
    ["n 'times:3'", "n times:3"],
    ['n http://x', 'n http://x'],
    ['n hi --dry-run --tags a --tags b', 'n hi --dry-run --tags a --tags b'],
    ['n hi --no-dry-run', 'n hi --no-dry-run'],
    ['n hi --dry_run=false', 'n hi --no-dry-run'],
    ['n hi --times -5', 'n hi --times=-5'],
    ['n -5', 'n -5'],
    ["n hi --note 'true'", 'n hi --note true'],
    ["n it\\'s", "n 'it'\\''s'"],
    ['n "$HOME \\"x\\" \\n"', `n '$HOME "x" \\n'`],
  ])('says %j as the terminal takes it', (rest, expected) => {
    expect(line(asked({ rest }))).toBe(`nexus do it ${expected}${AFTER}`);
  });

  test('says typed arguments and more words', () => {
    const args = { name: 'n', text: 'it’s\n2', times: 2, dry_run: false, tags: ['a', 'b c'], note: null };
    const options = `--times 2 --no-dry-run --tags a --tags 'b c'`;
    expect(line(asked({ args }))).toBe(`nexus do it n 'it’s\n2' ${options}${AFTER}`);
    expect(line(asked({ rest: 'n', args: ['a b', '--times', 3] }))).toBe(`nexus do it n 'a b' --times 3${AFTER}`);
  });

  test('keeps what looks like an option from being one', () => {
    expect(line(asked({ rest: "n --times 2 -- --x" }))).toBe(`nexus do it --times 2${AFTER} -- n --x`);
  });

  test('names a key where the server wants to know who asks', () => {
    expect(line(asked({ rest: 'n a', isProven: true }))).toBe(`nexus do it n a${AFTER} --key NAME`);
  });

  test('says a choice that is required by its place', () => {
    const mode = { oneOf: [{ const: 'dark' }, { const: 'light' }] };
    const parameters: Asked['parameters'] = { properties: { mode }, required: ['mode'] };
    expect(line(asked({ rest: 'mode:dark', parameters }))).toBe(`nexus do it dark${AFTER}`);
  });

  test('calls the program’s own options by their other names where the command has them', () => {
    const parameters: Asked['parameters'] = { properties: { server: { type: 'string' } } };
    const expected = 'nexus do it --server s --nexus-server https://a.example';
    expect(line(asked({ rest: '--server s', parameters }))).toBe(expected);
  });
});
