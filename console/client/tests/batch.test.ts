import { expect, test } from 'vitest';
import { isRunOf, Nexus } from '../src/index.ts';
import { client, PRODUCTION, Server } from './common.ts';
import { relay } from './relay.ts';

const THREE = [{ command: '/echo one' }, { command: '/echo' }, { command: '/echo', args: { text: 'three' } }];

test('a batch stops where one fails', async () => {
  const reply = await new Nexus((await Server.start()).url).batch(THREE);
  expect(reply.data?.results.map(({ http, message }) => [http, message])).toEqual([
    [200, 'one'],
    [422, '`text` is missing.'],
  ]);
});

test('a batch goes on if it is told to', async () => {
  const reply = await new Nexus((await Server.start()).url).batch(THREE, { onError: 'continue' });
  expect(reply.data?.results.map(({ http }) => http)).toEqual([200, 422, 200]);
});

test('one signature is good for all of a batch', async () => {
  const nexus = await client((await Server.start(PRODUCTION)).url);
  const reply = await nexus.batch([{ command: '/identity' }, { command: '/whoami', args: [] }], { sign: true });
  expect(reply.data?.results).toMatchObject([{ http: 200 }, { http: 200, data: { visitor: false } }]);
});

test.each([[true], [false]])('the mark of each command is known before a batch is sent; signed: %s', async (sign) => {
  const nexus = await client((await Server.start()).url);
  const prepared = await nexus.prepareBatch([{ command: '/ping' }, { command: '/ping' }, { command: '/ping' }], {
    sign,
  });
  const ids = (await prepared.send()).data?.results.map((result) => result.run_id ?? '') ?? [];
  expect(ids.map((id) => prepared.marks.map((mark) => isRunOf(mark, id)))).toEqual([
    [true, false, false],
    [false, true, false],
    [false, false, true],
  ]);
});

test.each([[true], [false]])('a batch that lost its answer is sent again and runs once; signed: %s', async (sign) => {
  const wire = await relay((await Server.start()).url);
  const nexus = await client(wire.url);
  await nexus.signIn();
  const prepared = await nexus.prepareBatch([{ command: '/echo a' }, { command: '/echo b' }], { sign });
  wire.state = 'loses answers';
  await expect(prepared.send()).rejects.toThrow();
  wire.state = 'whole';
  expect((await prepared.send()).data?.results.map(({ message }) => message)).toEqual(['a', 'b']);
  expect((await nexus.runs.list()).runs.map(({ command }) => command)).toEqual(['/echo b', '/echo a']);
});

test('a batch that none of can be tried is refused as a whole', async () => {
  expect(await new Nexus((await Server.start()).url).batch([])).toMatchObject({ http: 400, code: 'malformed_request' });
});
