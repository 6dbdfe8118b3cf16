/** What a kind of argument is entered with. Its label and its help stand beside it, and are named by their ids. */

import type { AriaAttributes } from 'react';
import type { Input, Kind } from './field.ts';
import styles from './form.module.css';
import type { Raw } from './value.ts';
import { useWords } from './words.ts';

export interface Aria extends AriaAttributes {
  id: string;
  name: string;
}

export interface ControlProps {
  kind: Exclude<Kind, { type: 'list' }>;
  value: Raw;
  /** Whether one of the options must be taken, so that none need not be offered. */
  chosen: boolean;
  aria: Aria;
  onChange(value: Raw): void;
}

const INPUTS: Record<Exclude<Input, 'long'>, string> = {
  text: 'text',
  url: 'url',
  email: 'email',
  date: 'date',
  moment: 'datetime-local',
  password: 'password',
};

/** Up to so many options stand side by side. */
const SIDE_BY_SIDE = 3;

export const isRadio = (kind: Kind, chosen: boolean): boolean =>
  kind.type === 'choice' && chosen && kind.options.length <= SIDE_BY_SIDE;

export function Control({ kind, value, chosen, aria, onChange }: ControlProps) {
  const words = useWords();
  const quiet = { autoComplete: 'off', spellCheck: false };
  switch (kind.type) {
    case 'boolean':
      return (
        <input
          {...aria}
          type="checkbox"
          checked={value === true}
          onChange={(event) => onChange(event.target.checked)}
        />
      );
    case 'number':
      return (
        <input
          {...aria}
          {...quiet}
          type="number"
          value={`${value}`}
          min={kind.minimum}
          max={kind.maximum}
          step={kind.step ?? (kind.integer ? 1 : 'any')}
          onChange={(event) => onChange(event.target.value)}
        />
      );
    case 'choice':
      if (isRadio(kind, chosen)) return <Radios {...{ kind, value, chosen, aria, onChange }} />;
      return (
        <select {...aria} value={`${value}`} onChange={(event) => onChange(event.target.value)}>
          {!(chosen && value !== '') && <option value="">{words.nothing}</option>}
          {kind.options.map(({ label, description }, place) => (
            <option key={label} value={place}>
              {description ? `${label} – ${description}` : label}
            </option>
          ))}
        </select>
      );
    case 'json':
      return (
        <textarea
          {...aria}
          {...quiet}
          rows={4}
          className={styles.code}
          value={`${value}`}
          onChange={(event) => onChange(event.target.value)}
        />
      );
    case 'text':
      if (kind.input === 'long') {
        return <textarea {...aria} rows={5} value={`${value}`} onChange={(event) => onChange(event.target.value)} />;
      }
      return (
        <input
          {...aria}
          {...quiet}
          type={INPUTS[kind.input]}
          step={kind.input === 'moment' ? 1 : undefined}
          autoComplete={kind.input === 'password' ? 'new-password' : 'off'}
          value={`${value}`}
          onChange={(event) => onChange(event.target.value)}
        />
      );
  }
}

function Radios({ kind, value, aria: { id, name, ...aria }, onChange }: ControlProps) {
  if (kind.type !== 'choice') return null;
  return (
    <div role="radiogroup" id={id} {...aria} className={styles.radios}>
      {kind.options.map(({ label, description }, place) => (
        <label key={label} title={description}>
          <input
            type="radio"
            name={id}
            checked={value === `${place}`}
            onChange={() => onChange(`${place}`)}
            aria-invalid={aria['aria-invalid']}
            data-argument={name}
          />
          {label}
        </label>
      ))}
    </div>
  );
}
