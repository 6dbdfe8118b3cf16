/** The names of what goes over the wire. All come from `schema.ts`, which is made of the server's OpenAPI document. */

import type { components } from './schema.ts';

type Schemas = components['schemas'];

/** An address with its checksum (ERC-55). */
export type Address = `0x${string}`;
export type Hex = `0x${string}`;

/** What OpenAPI leaves open: the JSON Schema (2020-12) of one argument, as definitions use it. */
export interface Parameter {
  type?: string | string[];
  description?: string;
  default?: unknown;
  enum?: (string | null)[];
  const?: unknown;
  oneOf?: Parameter[];
  anyOf?: Parameter[];
  items?: Parameter;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  format?: string;
  writeOnly?: boolean;
}

/** The arguments of a command: flat, and each of a type that words can say. */
export interface Schema {
  type?: 'object';
  properties?: Record<string, Parameter>;
  required?: string[];
  additionalProperties?: boolean;
}

export type Subcommand = Omit<Schemas['Subcommand'], 'parameters'> & { parameters: Schema };
export type Definition = Omit<Schemas['Definition'], 'parameters' | 'subcommands'> & {
  parameters: Schema;
  subcommands?: Subcommand[];
};

export type Code = Schemas['Code'];

/** Any answer of the server. A `code` that this version does not know is one too. */
export interface Answer {
  status: (Schemas['Success'] | Schemas['Failure'] | Schemas['Pending'])['status'];
  message: string;
  data?: unknown;
  code?: Code | (string & {});
  hint?: string;
  run_id?: string;
}

export type Progress = Schemas['Progress'];
export type Run = Omit<Schemas['Run'], 'result'> & { result?: Answer };
export interface Runs {
  runs: Run[];
  /** The `before` of the next list. */
  next?: string;
}

export type Session = Omit<Schemas['Session'], 'address'> & { address: Address };
export type Ticket = Schemas['Ticket'];
export type SignInNonce = Schemas['SignInNonce'];

/** The proof of a request, as `auth` carries it. */
export type V1Signature = Schemas['V1Signature'];
export type BareSignature = Schemas['BareSignature'];

export type Args = unknown[] | Record<string, unknown>;

export type CommandResult = Omit<Schemas['CommandResult'], 'result'> & { result: Answer };
export type CommandProgress = Omit<Schemas['CommandProgress'], 'progress'> & { progress: Progress; data?: unknown };
export type ConnectionState = Schemas['ConnectionState'];
export type StreamGap = Schemas['StreamGap'];

/** What a stream tells. Events that this version does not know are passed over. */
export type StreamEvent =
  | { type: 'command_result'; id?: string; data: CommandResult }
  | { type: 'command_progress'; id?: string; data: CommandProgress }
  | { type: 'connection_state'; id?: string; data: ConnectionState }
  | { type: 'commands_changed'; id?: string; data: Schemas['CommandsChanged'] }
  | { type: 'stream_gap'; id?: string; data: StreamGap };

/** Who signs: a key of this browser, or a wallet. */
export interface Signer {
  readonly address: Address;
  /** `personal_sign` (EIP-191). */
  signMessage(text: string): Promise<Hex>;
  /** The signature of a digest as it is, for bare signatures. A wallet has none, and is asked for nothing twice. */
  signDigest?(digest: Hex): Promise<Hex>;
}

/** Whatever keeps texts: `localStorage`, `sessionStorage`. A function, where even to name it may be forbidden. */
export type Keeper = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
export type Kept = Keeper | (() => Keeper);
