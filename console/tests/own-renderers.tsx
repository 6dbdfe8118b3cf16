/** Renderers that a page brings along: one that draws, and one that cannot. */

import { register } from '../src/results/registry.ts';

register('loud', ({ data, entry }) => (
  <p>
    {entry.command} says {JSON.stringify(data).toUpperCase()}
  </p>
));

register('broken', () => {
  throw new Error('it cannot');
});
