/** Wallets, by a stub that announces itself (EIP-6963) and signs with real keys. */

import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { privateKeyToAccount } from 'viem/accounts';
import { isHex } from 'viem/utils';
import { Server, messages, open, type, visitor } from './common.ts';
import { address, kept, opened, panel } from './panel.ts';

const [ONE, TWO] = [1, 2].map((key) => privateKeyToAccount(`0x${key.toString(16).padStart(64, '0')}`));

/** What the wallet answers; an error has a `code`, as EIP-1193 has it. */
type Answers = (method: string, params: unknown[]) => Promise<unknown>;

interface Stub {
  /** `window.ethereum` alone, as older wallets have it. */
  legacy?: boolean;
  answers: Answers;
}

/** A browser with a wallet. `emit` lets it tell an event. */
async function withWallet({ legacy = false, answers }: Stub) {
  const context = await visitor();
  const asked: string[] = [];
  await context.exposeFunction('wallet', async (method: string, params: unknown[]) => {
    asked.push(method);
    try {
      return { result: await answers(method, params) };
    } catch (error) {
      return { error };
    }
  });
  await context.addInitScript((isLegacy) => {
    const listeners: Record<string, ((value: unknown) => void)[]> = {};
    const provider = {
      async request({ method, params = [] }: { method: string; params?: unknown[] }) {
        const { result, error } = await Reflect.get(window, 'wallet')(method, params);
        if (error) throw error;
        return result;
      },
      on: (event: string, listener: (value: unknown) => void) => (listeners[event] ??= []).push(listener),
      removeListener: (event: string, listener: (value: unknown) => void) => {
        listeners[event] = (listeners[event] ?? []).filter((each) => each !== listener);
      },
    };
    Reflect.set(window, 'emit', (event: string, value: unknown) =>
      listeners[event]?.forEach((listener) => listener(value)),
    );
    if (isLegacy) return Reflect.set(window, 'ethereum', provider);
    const info = {
      uuid: '5f8e0b5a-4f0e-4b0e-9f0e-0123456789ab',
      name: 'Stub <b>Wallet</b>',
      icon: 'data:image/svg+xml,<svg/>',
      rdns: 'org.example.stub',
    };
    const announce = () =>
      window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail: Object.freeze({ info, provider }) }));
    window.addEventListener('eip6963:requestProvider', announce);
    announce();
  }, legacy);
  return { context, asked };
}

/** A wallet that does what it is asked for, with these accounts. */
function willing(accounts: (typeof ONE)[], changes: Partial<Record<string, Answers>> = {}): Answers {
  return async (method, params) => {
    const change = changes[method];
    if (change) return change(method, params);
    if (method === 'eth_accounts' || method === 'eth_requestAccounts')
      return accounts.map((account) => account?.address.toLowerCase());
    const [message, from] = params;
    const signer = accounts.find((account) => account?.address === from);
    if (method !== 'personal_sign' || !signer || !isHex(message)) throw { code: 4200 };
    return signer.signMessage({ message: { raw: message } });
  };
}

async function connect(page: Page): Promise<void> {
  await opened(page, '/identity');
  await panel(page).getByRole('button', { name: 'Stub <b>Wallet</b>' }).click();
}
const emit = (page: Page, event: string, value: unknown) =>
  page.evaluate(([name, what]) => Reflect.get(window, 'emit')(name, what), [event, value] as const);

test('a wallet is found, connected, signs in and signs commands; nothing secret is kept', async () => {
  const { context, asked } = await withWallet({ answers: willing([ONE]) });
  const page = await open(await Server.start(), context);
  await connect(page);
  await panel(page).getByText('in the wallet Stub <b>Wallet</b>').waitFor();
  expect(await address(page)).toBe(ONE?.address);
  // Nobody has asked it to sign yet.
  expect(asked).not.toContain('personal_sign');
  await panel(page).getByRole('button', { name: 'Sign in' }).click();
  await panel(page).getByText('You are signed in.').waitFor();
  await panel(page).getByRole('button', { name: 'Verify' }).click();
  await panel(page).getByText('Identity created').waitFor();
  expect(asked.filter((method) => method === 'personal_sign')).toHaveLength(2);
  expect(await panel(page).getByRole('button', { name: 'Show the secret' }).count()).toBe(0);
  await page.keyboard.press('Escape');
  await type(page, '/whoami');
  await messages(page).getByText(`You are ${ONE?.address}, a member.`).waitFor();
  expect(await kept(page)).not.toContain('nexus.identity');
});

test('an older wallet is found by window.ethereum', async () => {
  const { context } = await withWallet({ legacy: true, answers: willing([ONE]) });
  const page = await open(await Server.start(), context);
  await opened(page, '/identity');
  await panel(page).getByRole('button', { name: 'Wallet of this browser' }).click();
  await panel(page).getByText('in the wallet Wallet of this browser').waitFor();
  await panel(page).getByRole('button', { name: 'Verify' }).click();
  await panel(page).getByText('Identity created').waitFor();
});

test('without a wallet that is told', async () => {
  const page = await open(await Server.start());
  await opened(page, '/identity');
  await panel(page).getByText('No wallet is installed in this browser').waitFor();
});

test('at the next visit the wallet is there again, is not asked anything, and signs', async () => {
  const { context, asked } = await withWallet({ answers: willing([ONE]) });
  const page = await open(await Server.start(), context);
  await connect(page);
  await panel(page).getByText('in the wallet').waitFor();
  await page.reload();
  asked.splice(0);
  await type(page, '/whoami');
  await messages(page).getByText(`You are ${ONE?.address}`).waitFor();
  expect(asked).not.toContain('eth_requestAccounts');
  expect(asked.filter((method) => method === 'personal_sign')).toHaveLength(1);
});

for (const [what, answers, told] of [
  [
    'refuses',
    willing([ONE], { personal_sign: async () => Promise.reject({ code: 4001, message: 'User rejected' }) }),
    'You refused it in the wallet. Nothing was sent.',
  ],
  [
    'is busy',
    willing([ONE], { personal_sign: async () => Promise.reject({ code: -32002 }) }),
    'The wallet has another request open.',
  ],
  [
    'cannot sign',
    willing([ONE], { personal_sign: async () => Promise.reject({ code: -32601 }) }),
    'The wallet cannot sign messages',
  ],
  [
    'fails',
    willing([ONE], { personal_sign: async () => Promise.reject({ code: -32603 }) }),
    'The wallet failed. Nothing was sent.',
  ],
  [
    'signs with another account',
    willing([ONE], { personal_sign: async () => TWO?.signMessage({ message: 'x' }) }),
    'The wallet has another account chosen',
  ],
  [
    'signs malformed',
    willing([ONE], { personal_sign: async () => '0x1234' }),
    'What the wallet gave is no signature of this account.',
  ],
] as const) {
  test(`a wallet that ${what} is told so, and the message is settled`, async () => {
    const { context } = await withWallet({ answers });
    const page = await open(await Server.start(), context);
    await connect(page);
    await panel(page).getByText('in the wallet').waitFor();
    await panel(page).getByRole('button', { name: 'Verify' }).click();
    await panel(page).getByRole('alert').getByText(told).waitFor();
    await panel(page).getByRole('button', { name: 'Sign in' }).click();
    await panel(page).getByRole('alert').getByText(told).waitFor();
    await page.keyboard.press('Escape');
    await messages(page).getByText(told).waitFor();
    await type(page, '/config');
    await panel(page).getByRole('alert').getByText(told).waitFor();
  });
}

test('a wallet that is not connected, because it refuses or has no account, is told so', async () => {
  let answer: Answers = () => Promise.reject({ code: 4001 });
  const { context } = await withWallet({
    answers: willing([], { eth_requestAccounts: (...asked) => answer(...asked) }),
  });
  const page = await open(await Server.start(), context);
  await connect(page);
  await panel(page).getByRole('alert').getByText('You refused it in the wallet.').waitFor();
  answer = async () => [];
  await panel(page).getByRole('button', { name: 'Stub <b>Wallet</b>' }).click();
  await panel(page).getByRole('alert').getByText('The wallet is locked or gives no account.').waitFor();
  expect(await kept(page)).toEqual([]);
});

test('the console follows when another account is chosen in the wallet, and signs no more for the old one', async () => {
  const chosen = [ONE];
  const { context } = await withWallet({ answers: (method, params) => willing(chosen)(method, params) });
  const page = await open(await Server.start(), context);
  await connect(page);
  await panel(page).getByText('in the wallet').waitFor();
  chosen.splice(0, 1, TWO);
  // The event is late: the account is seen to be another before anything is signed.
  await panel(page).getByRole('button', { name: 'Verify' }).click();
  await panel(page).getByRole('alert').getByText('The wallet has another account chosen').waitFor();
  await emit(page, 'accountsChanged', [TWO?.address]);
  await panel(page).getByText(`${TWO?.address}`).first().waitFor();
  await panel(page).getByRole('button', { name: 'Verify' }).click();
  await panel(page).getByText(`Identity created: ${TWO?.address}`).waitFor();
});

test('a wallet that is locked or takes its permission back is gone here too, with its session', async () => {
  const { context } = await withWallet({ answers: willing([ONE]) });
  const page = await open(await Server.start(), context);
  await connect(page);
  await panel(page).getByRole('button', { name: 'Sign in' }).click();
  await panel(page).getByText('You are signed in.').waitFor();
  const ended = page.waitForResponse('**/auth/logout');
  await emit(page, 'accountsChanged', []);
  await panel(page).getByText('Stub <b>Wallet</b> is locked, or has disconnected this page.').waitFor();
  await panel(page).getByRole('button', { name: 'Create an identity' }).waitFor();
  expect((await ended).status()).toBe(204);
  expect(await kept(page)).toEqual([]);
});

test('a wallet that only loses its network stays connected', async () => {
  const { context, asked } = await withWallet({ answers: willing([ONE]) });
  const page = await open(await Server.start(), context);
  await connect(page);
  await panel(page).getByText('in the wallet').waitFor();
  asked.splice(0);
  await emit(page, 'disconnect', { code: 1013 });
  await expect.poll(() => asked).toContain('eth_accounts');
  expect(await address(page)).toBe(ONE?.address);
});

test('a wallet that is not in the browser any more is told when it should sign', async () => {
  const { context } = await withWallet({ answers: willing([ONE]) });
  await context.addInitScript(
    (wallet) => localStorage.setItem('nexus.wallet', wallet),
    JSON.stringify({ name: 'Gone', rdns: 'org.example.gone', address: ONE?.address }),
  );
  const page = await open(await Server.start(), context);
  await type(page, '/whoami');
  await messages(page).getByText('The wallet is not in this browser any more.').waitFor();
});
