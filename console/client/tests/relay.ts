/** A wire to a server that can be cut, and one that goes dead without a word. */

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { atEnd } from '../../tests/server.ts';

export interface Relay {
  readonly url: string;
  /** `whole`; `loses answers`: requests arrive, and then it is cut; `dead`: it stays open, and nothing comes. */
  state: 'whole' | 'loses answers' | 'dead';
  /** Cuts what is open now. */
  cut(): void;
  /** Of what is open now nothing arrives any more; what comes later is whole. */
  freeze(): void;
}

export async function relay(to: string): Promise<Relay> {
  const { hostname, port } = new URL(to);
  const sockets = new Set<Socket>();
  const frozen = new WeakSet<Socket>();
  const wire = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        near.destroy();
        far.destroy();
        sockets.delete(socket);
      });
    }
    near.on('data', (bytes) => far.write(bytes));
    far.on('data', (bytes) => {
      if (frozen.has(near)) return;
      if (made.state === 'whole') near.write(bytes);
      else if (made.state === 'loses answers') near.destroy();
    });
  });
  const { port: own, close } = await listening(wire);
  const made: Relay = {
    url: `http://127.0.0.1:${own}`,
    state: 'whole',
    freeze() {
      for (const socket of sockets) frozen.add(socket);
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
  };
  atEnd(() => {
    made.cut();
    close();
  });
  return made;
}

/** At any port that is free. */
export async function listening(server: Server): Promise<{ port: number; close: () => void }> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('It has a port.');
  return { port: address.port, close: () => server.close() };
}
