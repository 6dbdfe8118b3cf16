import { expect, test } from 'vitest';
import { Nexus } from '../src/index.ts';
import { client, PRODUCTION, Server, watched } from './common.ts';

test('a command is asked for at its own endpoint, with its arguments in path, query and body', async () => {
  const nexus = await client((await Server.start(PRODUCTION)).url);
  const set = await nexus.request('PUT', '/api/v1/prompt/greeting', {
    body: { text: 'Say "hello" — 你好.' },
    sign: true,
  });
  expect(set).toMatchObject({ http: 200, status: 'success', data: { name: 'greeting', is_new: true } });
  await nexus.signIn();
  const shown = await nexus.request('GET', '/api/v1/prompt/greeting');
  expect(shown).toMatchObject({ data: { text: 'Say "hello" — 你好.' } });
});

test('what is signed is the target as it is sent', async () => {
  const nexus = await client((await Server.start(PRODUCTION)).url);
  const found = await nexus.request(
    'GET',
    '/api/v1/runs?limit=1&command=echo&since=2020-01-01T00:00:00%2B01:00&x=ä b',
    { sign: true },
  );
  expect(found).toMatchObject({ http: 200, status: 'success', data: { runs: [] } });
});

test('a refusal is an answer', async () => {
  const nexus = new Nexus((await Server.start()).url);
  expect(await nexus.request('PUT', '/api/v1/config', { body: { theme: 'dark' } })).toMatchObject({
    http: 401,
    status: 'error',
  });
  expect(await nexus.request('GET', '/api/v1/nowhere')).toMatchObject({ http: 404, code: 'not_found' });
});

test('a definition is asked for with its arguments, and is no answer', async () => {
  const nexus = new Nexus((await Server.start()).url);
  expect(await nexus.request('GET', '/api/v1/commands/p')).toMatchObject({ status: 'success', data: { name: 'ping' } });
});

test('a signed request whose time was wrong is signed again once', async () => {
  let ahead = 0;
  const { fetch, answers } = watched();
  const nexus = await client((await Server.start(PRODUCTION)).url, { fetch, now: () => Date.now() + ahead });
  await nexus.server();
  ahead = 600_000;
  expect(await nexus.request('GET', '/api/v1/config', { sign: true })).toMatchObject({ http: 200 });
  expect(answers.map(({ status }) => status)).toEqual([200, 401, 200]);
});

test('a client below a path asks below that path', async () => {
  const { fetch, asked } = watched();
  await new Nexus('http://127.0.0.1:1/nexus/', { fetch }).commands();
  expect(asked.map(({ url }) => url)).toEqual(['http://127.0.0.1:1/nexus/api/v1/commands']);
});
