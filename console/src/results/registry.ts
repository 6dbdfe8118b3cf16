/** Renderers by the name that a definition, or a command of this page, calls them by. The last one of a name counts. */

import type { ComponentType } from 'react';
import type { Entry } from '../log/entry.ts';
import { Help } from './help.tsx';

export type Renderer = ComponentType<{ data: unknown; entry: Entry }>;

const renderers = new Map<string, Renderer>([['help', Help]]);

export function register(name: string, component: Renderer): void {
  renderers.set(name, component);
}

export function registered(name: string): Renderer | undefined {
  return renderers.get(name);
}
