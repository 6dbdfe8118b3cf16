/** A client of nexus: its list of commands, their execution, keys, sessions and streams. Needs no framework. */

export { canonical } from './canonical.ts';
export { type Catalogue, FALLBACK } from './catalogue.ts';
export { Nexus, type Options } from './client.ts';
export { MnemonicError, NexusError, NotSigned, StorageError, Unreachable, type UnreachableReason } from './errors.ts';
export type { BatchData, BatchItem, BatchOptions, ExecuteOptions, PreparedBatch } from './execute.ts';
export { createIdentity, type Identity, importMnemonic, importPrivateKey, keptIdentity, loadKeys } from './identity.ts';
export { isRunOf, markOf } from './mark.ts';
export type { Prepared } from './prepared.ts';
export type { Reply } from './reply.ts';
export type { RequestOptions, RunsOf, RunsQuery } from './requests.ts';
export type { Clock, ServerState } from './server.ts';
export { authorization, messageV1, newNonce, type Signable, signBare, signV1 } from './sign.ts';
export { signInMessage, type SignInText } from './siwe.ts';
export type { Stream, StreamOptions, StreamState } from './stream/stream.ts';
export type * from './types.ts';
