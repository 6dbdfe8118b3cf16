import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import type { ProxyOptions } from 'vite';

/** The server that `npm run dev` and `npm run preview` stand before, so that page and server are of one origin. */
const server = process.env.NEXUS_SERVER ?? 'http://127.0.0.1:8000';

const pass: ProxyOptions = {
  target: server,
  changeOrigin: true,
  // `/` is the page to whoever asks for HTML, and the server's to everybody else.
  bypass: (request) => (request.headers.accept?.includes('text/html') ? request.url : undefined),
};
const proxy = { '^/$': pass, '^/(api|docs|health|livez|readyz)': pass };

export default defineConfig({
  plugins: [react()],
  resolve: {
    alias: {
      '@nexus/client': fileURLToPath(new URL('client/src/index.ts', import.meta.url)),
      '@radix-ui/react-dialog': fileURLToPath(new URL('src/palette/no-dialog.ts', import.meta.url)),
    },
  },
  server: { proxy },
  preview: { proxy },
  build: {
    target: 'es2023',
    // A data: URL would need a wider policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
