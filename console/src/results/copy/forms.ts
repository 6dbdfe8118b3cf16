/** The forms in which a message can be copied. What was not sent from here has no request that could be repeated. */

import { useCatalogue } from '../../catalogue/store.ts';
import { find } from '../../catalogue/find.ts';
import type { Entry } from '../../log/entry.ts';
import { nexus } from '../../nexus.ts';
import { asCame, json } from '../json.ts';
import { plainAnswer } from '../plain.ts';
import { isRow } from '../view/kind.ts';
import { curl } from './curl.ts';
import { line } from './line.ts';

export interface Form {
  /** Of its word. */
  name: 'asText' | 'asJson' | 'asCurl' | 'asLine';
  text: () => string;
}

export function formsOf({ answer, command, sent }: Entry): Form[] {
  const forms: Form[] = [];
  const { url } = nexus;
  if (answer) {
    forms.push({ name: 'asText', text: () => plainAnswer(answer) });
    forms.push({ name: 'asJson', text: () => json(asCame(answer)) ?? '' });
  }
  if (!sent) return forms;
  const found = find(useCatalogue.getState().definitions, command);
  const isSigned = isRow(sent.body) && sent.body['auth'] !== undefined;
  const isProven = isSigned || found?.form.requiresSignature === true || found?.form.requiresIdentity === true;
  forms.push({ name: 'asCurl', text: () => curl(sent, url, isProven) });
  if (!found) return forms;
  const { path, rest, form: { parameters } } = found;
  const args = Array.isArray(sent.args) || isRow(sent.args) ? sent.args : undefined;
  forms.push({ name: 'asLine', text: () => line({ path, rest, args, parameters, isProven, url }) });
  return forms;
}
