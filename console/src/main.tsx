/** Starts the console. */

import './tokens.css';
import './base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { keepUp } from './connection/catch-up.ts';
import { heal } from './connection/heal.ts';
import { listen } from './connection/listen.ts';
import { start } from './identity/start.ts';
import { dress } from './settings/page.ts';

dress();
start();
listen();
heal();
keepUp();

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
