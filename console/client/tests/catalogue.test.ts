import { expect, test } from 'vitest';
import { FALLBACK, Nexus, NexusError, Unreachable } from '../src/index.ts';
import type { Keeper } from '../src/index.ts';
import { Server, watched } from './common.ts';

function memory(text: string | null = null): Keeper & { text: string | null } {
  return {
    text,
    getItem() {
      return this.text;
    },
    setItem(_, value) {
      this.text = value;
    },
    removeItem() {
      this.text = null;
    },
  };
}

test('the list is the server’s', async () => {
  const { definitions, etag, source, failure } = await new Nexus((await Server.start()).url).commands();
  expect(definitions.map(({ name }) => name)).toContain('countdown');
  expect(etag).toMatch(/^"/);
  expect({ source, failure }).toEqual({ source: 'server', failure: undefined });
});

test('a list that is still true is not sent again', async () => {
  const { fetch, answers } = watched();
  const nexus = new Nexus((await Server.start()).url, { fetch });
  const first = await nexus.commands();
  expect(await nexus.commands()).toEqual(first);
  expect(answers.map(({ status }) => status)).toEqual([200, 304]);
});

test('a list that was kept is asked for by its tag, also by the next client', async () => {
  const { fetch, answers } = watched();
  const { url } = await Server.start();
  const options = { fetch, catalogue: { kept: memory() } };
  await new Nexus(url, options).commands();
  expect(await new Nexus(url, options).commands()).toMatchObject({ source: 'server' });
  expect(answers.map(({ status }) => status)).toEqual([200, 304]);
});

test('without the server the last list that was kept is there, and says why', async () => {
  const server = await Server.start();
  const catalogue = { kept: memory() };
  const { definitions } = await new Nexus(server.url, { catalogue }).commands();
  await server.stop();
  const kept = await new Nexus(server.url, { catalogue }).commands();
  expect(kept).toMatchObject({ source: 'kept', definitions });
  expect(kept.failure).toBeInstanceOf(Unreachable);
  expect(kept.failure).toMatchObject({ reason: 'down' });
});

test('without the server and a list that was kept there are ping, help, clear and theme', async () => {
  const server = await Server.start();
  await server.stop();
  const { definitions, source } = await new Nexus(server.url).commands();
  expect(source).toBe('fallback');
  expect(definitions.map(({ name }) => name)).toEqual(['clear', 'help', 'ping', 'theme']);
});

test('these are as the server lists them', async () => {
  const { definitions } = await new Nexus((await Server.start()).url).commands();
  expect(FALLBACK).toEqual(definitions.filter(({ name }) => FALLBACK.some((known) => known.name === name)));
});

test.each([['no JSON'], ['{}'], ['{"definitions":7}'], ['{"definitions":[7]}'], ['[]']])(
  '%s, where a list was kept, is none',
  async (text) => {
    const server = await Server.start();
    await server.stop();
    expect(await new Nexus(server.url, { catalogue: { kept: memory(text) } }).commands()).toMatchObject({
      source: 'fallback',
    });
  },
);

test('a storage that is full or forbidden does not keep the list from coming', async () => {
  const kept = () => {
    throw new DOMException('no', 'SecurityError');
  };
  const { url } = await Server.start();
  expect(await new Nexus(url, { catalogue: { kept } }).commands()).toMatchObject({ source: 'server' });
});

test('a server that refuses says why', async () => {
  const { url } = await Server.start();
  const boastful: typeof fetch = (input, init) => fetch(input, { ...init, headers: { 'x-long': 'x'.repeat(20_000) } });
  const { source, failure } = await new Nexus(url, { fetch: boastful }).commands();
  expect(source).toBe('fallback');
  expect(failure).toBeInstanceOf(NexusError);
  expect(failure).toMatchObject({ http: 431, code: 'headers_too_large' });
});
