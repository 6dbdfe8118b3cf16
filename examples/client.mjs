// A client of nexus: it signs commands, signs in, and reads the stream of its key.
//
//     npm install ethers
//     node examples/client.mjs                        # does all of it, one after the other
//     node examples/client.mjs /identity              # prints a signed request body, for curl
//     node examples/client.mjs GET /api/v1/runs       # prints the Authorization of another request
//
// NEXUS_SERVER names the server. The key is kept in alice.key in the working directory; the first run makes it.

import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

// From the working directory, where `npm install` puts it, or from NODE_PATH.
const { Wallet } = createRequire(`${process.cwd()}/`)('ethers');
const SERVER = process.env.NEXUS_SERVER ?? 'http://127.0.0.1:8000';
const FILE = 'alice.key';

if (!existsSync(FILE)) {
  writeFileSync(FILE, Wallet.createRandom().privateKey, { mode: 0o600, flag: 'wx' });
}
const wallet = new Wallet(readFileSync(FILE, 'utf8').trim());

// RFC 8785: no blanks, the names of each object in order, numbers and strings as JSON.stringify writes them.
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical)}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`)}}`;
}

// The `auth` of Signed Command v1, over a command and its args, or over `METHOD path?query` and a body.
async function sign(command, args = []) {
  const now = Math.floor(Date.now() / 1000);
  const auth = { scheme: 'eip191', publicKey: wallet.address, audience: SERVER, issuedAt: now, expiresAt: now + 60 };
  auth.nonce = randomBytes(16).toString('base64url');
  auth.signature = await wallet.signMessage(
    `Signed Command v1\nAudience: ${SERVER}\nSigner: ${wallet.address}\n` +
      `Command: ${JSON.stringify(command)}\nArgs: ${canonical(args)}\n` +
      `Nonce: ${auth.nonce}\nIssued At: ${auth.issuedAt}\nExpires At: ${auth.expiresAt}`,
  );
  return auth;
}

async function send(method, path, body, headers = {}) {
  const json = body && { body: JSON.stringify(body), headers: { ...headers, 'content-type': 'application/json' } };
  const response = await fetch(SERVER + path, { method, headers, ...json });
  const answer = JSON.parse((await response.text()) || 'null');
  if (!response.ok) throw new Error(`${answer.code}: ${answer.message} ${answer.hint ?? ''}`);
  return answer;
}

async function execute(command, args) {
  return send('POST', '/api/v1/commands/execute', { command, args, auth: await sign(command, args) });
}

// A session: an ERC-4361 message with the server's nonce, signed.
async function signIn() {
  const { nonce } = await send('GET', '/api/v1/auth/nonce');
  const message = `${new URL(SERVER).host} wants you to sign in with your Ethereum account:
${wallet.address}

Read the stream of this key.

URI: ${SERVER}
Version: 1
Chain ID: 1
Nonce: ${nonce}
Issued At: ${new Date().toISOString()}`;
  return send('POST', '/api/v1/auth/siwe', { message, signature: await wallet.signMessage(message) });
}

// The events of a stream. Comments, `id` and `retry` are passed over. A browser has EventSource for this.
async function* events(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error((await response.json()).message);
  let text = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const frames = (text + chunk).split('\n\n');
    text = frames.pop();
    for (const frame of frames) {
      const field = (name) => frame.split('\n').find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      if (field('data')) yield [field('event'), JSON.parse(field('data'))];
    }
  }
}

async function tour() {
  console.log((await execute('/identity', [])).message);
  const session = await signIn();
  console.log('Signed in until', session.expiresAt);
  const bearer = { authorization: `Bearer ${session.token}` };
  const ticket = await send('POST', '/api/v1/stream/ticket', undefined, bearer);
  let run, told;
  for await (const [name, data] of events(ticket.url)) {
    if (name === 'connection_state' && !run) {
      console.log('The stream is open; authenticated:', data.authenticated);
      run = (await execute('/echo', { text: 'good morning', times: 2 })).run_id;
    } else if (name === 'command_result' && data.run_id === run) {
      told = data.result.message;
      break;
    }
  }
  if (!told) throw new Error('The stream has ended.');
  console.log('The stream tells:', told);
  await send('POST', '/api/v1/auth/logout', undefined, bearer);
  console.log('Signed out');
}

const [first, target, ...more] = process.argv.slice(2);
if (!first) {
  await tour();
} else if (!target) {
  console.log(JSON.stringify({ command: first, auth: await sign(first) }));
} else if (['GET', 'POST', 'DELETE'].includes(first) && !more.length) {
  console.log(`EthSignature ${Buffer.from(JSON.stringify(await sign(`${first} ${target}`))).toString('base64url')}`);
} else {
  console.error('usage: client.mjs [COMMAND | METHOD TARGET], such as: client.mjs /identity');
  process.exitCode = 2;
}
