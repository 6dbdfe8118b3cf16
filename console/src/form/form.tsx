/**
 * A form made of the flat JSON Schema of a command's arguments. It checks nothing: what the server finds wrong is put
 * to its fields.
 */

import type { Schema } from '@nexus/client';
import { type FormEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react';
import { Prose } from '../prose.tsx';
import { Control, isRadio } from './control.tsx';
import { faultsIn } from './faults.ts';
import { type Field, fieldsOf } from './field.ts';
import styles from './form.module.css';
import { List } from './list.tsx';
import { own } from './own.ts';
import { type Entered, argumentsOf, entered } from './value.ts';
import { useWords } from './words.ts';

interface FormProps {
  schema: Schema;
  /** What is there already, and is sent again. */
  initial?: Record<string, unknown>;
  busy?: boolean;
  /** Whether its first control takes the focus when it appears. */
  focused?: boolean;
  /** The data of `invalid_arguments`. */
  faults?: unknown;
  /** What its button says. */
  submit: string;
  /** Names of fields for people, where there are better ones than those of the schema. */
  names?: Record<string, string>;
  /** Further buttons. */
  children?: ReactNode;
  onSubmit(args: Record<string, unknown>): void;
}

const NONE = {};

export function Form({
  schema,
  initial = NONE,
  busy = false,
  focused = false,
  faults,
  submit,
  names = NONE,
  children,
  onSubmit,
}: FormProps) {
  const words = useWords();
  const form = useRef<HTMLFormElement>(null);
  const fields = useMemo(() => fieldsOf(schema), [schema]);
  const [from, setFrom] = useState(initial);
  const [values, setValues] = useState(() => valuesOf(fields, initial));
  const [meant, setMeant] = useState(() => new Set(Object.keys(initial)));
  // Other values to begin with replace what stands there, and leave the focus where it is.
  if (from !== initial) {
    setFrom(initial);
    setValues(valuesOf(fields, initial));
    setMeant(new Set(Object.keys(initial)));
  }
  const found = useMemo(() => faultsIn(faults), [faults]);
  const others = Object.entries(found).filter(([name]) => !fields.some((field) => field.name === name));

  useEffect(() => {
    const first = form.current?.querySelector('input:not([type="radio"]), input:checked, select, textarea');
    if (focused && first instanceof HTMLElement) first.focus();
  }, [focused]);

  useEffect(() => {
    const first = form.current?.querySelector(
      '[aria-invalid="true"]:is(input, select, textarea), [data-invalid="true"]',
    );
    if (first instanceof HTMLElement) first.focus();
  }, [found]);

  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!busy) onSubmit(argumentsOf(fields, values, meant));
  };
  const change = (name: string, value: Entered) => {
    setValues({ ...values, [name]: value });
    setMeant(new Set([...meant, name]));
  };

  return (
    <form ref={form} noValidate onSubmit={send} className={styles.form} aria-busy={busy}>
      {fields.map((field) => (
        <Row
          key={field.name}
          field={field}
          title={own(names, field.name) ?? field.name}
          value={own(values, field.name) ?? ''}
          faults={own(found, field.name)}
          onChange={(value) => change(field.name, value)}
        />
      ))}
      {others.length > 0 && (
        <div role="alert" className={styles.fault}>
          {words.others}
          <ul>
            {others.map(([name, texts]) => (
              <li key={name}>
                <code>{name}</code> {texts.join('; ')}
              </li>
            ))}
          </ul>
        </div>
      )}
      <div className={styles.buttons}>
        <button type="submit" data-kind="primary" aria-disabled={busy}>
          {submit}
        </button>
        {children}
      </div>
    </form>
  );
}

function valuesOf(fields: readonly Field[], initial: Record<string, unknown>): Record<string, Entered> {
  return Object.fromEntries(
    fields.map(({ name, kind, fallback }) => [name, entered(kind, own(initial, name) ?? fallback)]),
  );
}

interface RowProps {
  field: Field;
  title: string;
  value: Entered;
  faults: string[] | undefined;
  onChange(value: Entered): void;
}

function Row({ field: { name, kind, description, required, fallback }, title, value, faults, onChange }: RowProps) {
  const words = useWords();
  const id = useId();
  const help = [description, words.bounds(kind)].filter(Boolean).join(' · ');
  const described = [help && `${id}-help`, faults && `${id}-fault`].filter(Boolean).join(' ');
  const chosen = required || fallback !== undefined;
  // A group is named by its label; what is no group has it for its own.
  const group = kind.type === 'list' || isRadio(kind, chosen);
  const aria = {
    id,
    name,
    ...(group ? { 'aria-labelledby': `${id}-label` } : {}),
    ...(described && { 'aria-describedby': described }),
    ...(faults && { 'aria-invalid': true, 'aria-errormessage': `${id}-fault` }),
    ...(required && kind.type !== 'boolean' && kind.type !== 'list' && { 'aria-required': true }),
  };
  const label = (
    <>
      {title} {required && kind.type !== 'boolean' && <span className={styles.required}>{words.required}</span>}
    </>
  );
  return (
    <div className={styles.field} data-kind={kind.type}>
      {group ? (
        <span id={`${id}-label`} className={styles.label}>
          {label}
        </span>
      ) : (
        <label htmlFor={id} className={styles.label}>
          {label}
        </label>
      )}
      {kind.type === 'list' ? (
        <List item={kind.item} rows={Array.isArray(value) ? value : []} aria={aria} onChange={onChange} />
      ) : (
        <Control
          kind={kind}
          value={Array.isArray(value) ? '' : value}
          chosen={chosen}
          aria={aria}
          onChange={onChange}
        />
      )}
      {help && (
        <p id={`${id}-help`} className={styles.help}>
          <Prose text={help} />
        </p>
      )}
      {faults && (
        <p id={`${id}-fault`} className={styles.fault}>
          {faults.join('; ')}
        </p>
      )}
    </div>
  );
}
