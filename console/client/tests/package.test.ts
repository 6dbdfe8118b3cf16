import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { atEnd, Server } from './common.ts';

const run = promisify(execFile);
const folder = fileURLToPath(new URL('..', import.meta.url));
const bin = (name: string) => fileURLToPath(new URL(`../../node_modules/.bin/${name}`, import.meta.url));
const readme = readFileSync(join(folder, 'README.md'), 'utf8');

test('the types are those of the OpenAPI document', async () => {
  await run('npm', ['run', 'types:check'], { cwd: folder });
});

describe('the package', () => {
  beforeAll(async () => {
    await run('npm', ['run', 'build'], { cwd: folder });
  });

  test('has what is built and nothing else', async () => {
    const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: folder });
    const [{ files }]: [{ files: { path: string }[] }] = JSON.parse(stdout);
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['dist/index.js', 'dist/index.d.ts', 'dist/fallback.json', 'README.md']),
    );
    expect(paths.filter((path) => !/^(dist\/|README\.md$|package\.json$)/.test(path))).toEqual([]);
  });

  test('runs the example of its README in Node, which prints what stands there', async () => {
    const { url } = await Server.start();
    const [, example = ''] = /```js\n([^]*?)```/.exec(readme) ?? [];
    const [, printed = ''] = /```text\n([^]*?)```/.exec(readme) ?? [];
    expect(example.trim().split('\n').length).toBeLessThanOrEqual(12);
    const script = example.replace('http://127.0.0.1:8000', url);
    const { stdout, stderr } = await run('node', ['--input-type=module', '--eval', script], { cwd: folder });
    expect(stdout.replace(/0x[0-9a-fA-F]{40}/, '0x…')).toBe(printed);
    expect(stderr).toBe('');
  });

  test('has types that Node’s resolution finds', async () => {
    const app = mkdtempSync(join(tmpdir(), 'nexus-app-'));
    atEnd(() => rmSync(app, { recursive: true }));
    mkdirSync(join(app, 'node_modules/@nexus'), { recursive: true });
    symlinkSync(folder, join(app, 'node_modules/@nexus/client'));
    const lib = ['es2023', 'dom', 'dom.iterable'];
    const compilerOptions = { noEmit: true, strict: true, module: 'nodenext', target: 'es2023', lib, types: [] };
    writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.ts'] }));
    writeFileSync(join(app, 'package.json'), '{"type":"module"}');
    writeFileSync(
      join(app, 'app.ts'),
      `import { type Definition, Nexus } from '@nexus/client';
       const list: Definition[] = (await new Nexus('http://127.0.0.1').commands()).definitions;
       // @ts-expect-error: a definition has no such member
       list[0]?.nothing;`,
    );
    await run(bin('tsc'), ['-p', app]);
  });

  test('names every export in its README', async () => {
    const { stdout } = await run('node', ['--input-type=module', '--eval', LIST], { cwd: folder });
    const names: string[] = JSON.parse(stdout);
    expect(names.filter((name) => !readme.includes(`\`${name}`) && !readme.includes(`new ${name}`))).toEqual([]);
  });
});

const LIST = `console.log(JSON.stringify(Object.keys(await import('@nexus/client'))))`;
