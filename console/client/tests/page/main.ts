/** A page that has the client, for tests to use it from outside, and what its streams have told. */

import * as client from '../../src/index.ts';

declare global {
  interface Window {
    client: typeof client;
    nexus: client.Nexus;
    stream: client.Stream;
    heard: string[];
    states: client.StreamState[];
    listen(options?: Partial<client.StreamOptions>): void;
  }
}

window.client = client;
window.heard = [];
window.states = [];
window.listen = (options = {}) => {
  window.stream = window.nexus.stream({
    ...options,
    onEvent: (event) => window.heard.push(event.type === 'command_result' ? event.data.command : event.type),
    onState: (state) => window.states.push(state),
  });
};
