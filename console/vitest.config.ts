import { mergeConfig } from 'vite';
import { defineConfig } from 'vitest/config';
import base from './vite.config.ts';

export default mergeConfig(
  base,
  defineConfig({
    test: {
      // Each waits for a server or a browser; none measures time.
      testTimeout: 60_000,
      hookTimeout: 60_000,
      expect: { poll: { timeout: 20_000 } },
      maxWorkers: 2,
      // On a machine that does much else a browser may miss a bound; what fails twice is a fault. Each such miss is reported.
      retry: 1,
      projects: [
        { extends: true, test: { name: 'client', include: ['client/tests/**/*.test.ts'] } },
        { extends: true, test: { name: 'console', include: ['src/**/*.test.ts', 'tests/**/*.test.ts'] } },
        // Measured by hand: `npx vitest run --project bench`.
        { extends: true, test: { name: 'bench', include: ['bench/**/*.bench.ts'] } },
      ],
    },
  }),
);
