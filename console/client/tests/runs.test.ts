import { expect, test, vi } from 'vitest';
import { Nexus, NexusError } from '../src/index.ts';
import { BOUND, client, ONE, PRODUCTION, Server } from './common.ts';

test.each([['by a session'], ['by signatures']])('the owner of runs finds them %s', async (by) => {
  const nexus = await client((await Server.start(PRODUCTION)).url);
  if (by === 'by a session') await nexus.signIn();
  const { run_id: id = '' } = await nexus.execute('/echo hello', { sign: true });
  expect(await nexus.runs.get(id)).toMatchObject({ run_id: id, command: '/echo hello', result: { message: 'hello' } });
});

test('runs are listed by parts, the newest first', async () => {
  const nexus = await client((await Server.start()).url);
  for (const text of ['1', '2', '3']) await nexus.execute(`/echo ${text}`, { sign: true });
  const first = await nexus.runs.list({ limit: 2, command: 'echo', since: '2020-01-01T00:00:00+01:00' });
  expect(first.runs.map(({ command }) => command)).toEqual(['/echo 3', '/echo 2']);
  const rest = await nexus.runs.list({ limit: 2, ...(first.next && { before: first.next }) });
  expect(rest.runs.map(({ command }) => command)).toEqual(['/echo 1']);
  expect(rest.next).toBeUndefined();
});

test('a run is cancelled, and then has ended', async () => {
  const nexus = await client((await Server.start()).url);
  const { run_id: id = '' } = await nexus.execute('/countdown 600', { sign: true, respondAsync: true });
  expect(await nexus.runs.cancel(id)).toMatchObject({ run_id: id, command: '/countdown 600' });
  await vi.waitFor(
    async () => expect(await nexus.runs.get(id)).toMatchObject({ result: { code: 'cancelled' } }),
    BOUND,
  );
  await expect(nexus.runs.cancel(id)).rejects.toMatchObject({ name: 'NexusError', http: 409, code: 'finished' });
});

test('a run of another is not there', async () => {
  const { url } = await Server.start();
  const { run_id: id = '' } = await (await client(url)).execute('/ping', { sign: true });
  const other = await client(url, {}, `${ONE.slice(0, -1)}2`);
  const failure = await other.runs.get(id).catch((reason: unknown) => reason);
  expect(failure).toBeInstanceOf(NexusError);
  expect(failure).toMatchObject({ http: 404, code: 'not_found' });
});

test('who proves nothing has no runs', async () => {
  const nexus = new Nexus((await Server.start()).url);
  await expect(nexus.runs.list()).rejects.toMatchObject({
    code: 'identity_required',
    hint: expect.any(String),
    data: { audience: expect.any(String), time: expect.any(String) },
  });
});
