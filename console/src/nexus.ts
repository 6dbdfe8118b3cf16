/** The one client that every room calls. */

import { Nexus } from '@nexus/client';

/** A console that is served by its server calls it; one that is served elsewhere is built for another address. */
const url: string = import.meta.env.VITE_NEXUS_URL ?? location.origin;

export const nexus = new Nexus(url, { catalogue: { kept: () => localStorage } });
