/** What a command has changed on the server that the page shows: settings, and whether the address has an identity. */

import type { Answer } from '@nexus/client';
import { noted, useIdentity } from '../identity/store.ts';
import { useSettings, usual } from './store.ts';

const themes = ['light', 'dark', 'system'] as const;
const languages = ['en', 'zh'] as const;

/**
 * Called after each success, whoever has run the command. What nobody has set on the server stays as it is here, in the
 * language of this browser for one, and is the usual again when somebody has just left it out.
 */
export function applied(path: string, { data }: Answer): void {
  const { set } = useSettings.getState();
  if (path === '/config') set(settingsIn(member(data, 'overrides')));
  if (path === '/config/set') set({ ...usual, ...settingsIn(member(data, 'overrides')) });
  const { address, signIn } = useIdentity.getState();
  if (!address || member(data, 'public_key') !== address) return;
  const since = member(data, 'created_at');
  if (path === '/identity' && typeof since === 'string') noted(address, since);
  if (path === '/identity/delete') {
    noted(address, null);
    // Its sessions have ended with it.
    void signIn();
  }
}

/** Of what a server keeps, that which this page knows. */
function settingsIn(overrides: unknown) {
  const theme = themes.find((known) => known === member(overrides, 'theme'));
  const language = languages.find((known) => known === member(overrides, 'language'));
  const history = member(overrides, 'history');
  const raw = member(overrides, 'raw_results');
  return {
    ...(theme && { theme }),
    ...(language && { language }),
    ...(typeof history === 'number' && { history }),
    ...(typeof raw === 'boolean' && { raw }),
  };
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}
