/** The head of the page: who is here, and how the console looks and speaks. */

import css from './app.module.css';
import { useIdentity } from './identity/store.ts';
import { usePanel } from './panels/store.ts';
import { useSettings } from './settings/store.ts';
import { useWords } from './settings/words.ts';
import type { Language } from './words.ts';

export function Head() {
  const words = useWords();
  const { theme, language, raw, set } = useSettings();
  const address = useIdentity((identity) => identity.address);
  const identity = address ? `${address.slice(0, 6)}…${address.slice(-4)}` : words.identity;
  return (
    <header className={css.head}>
      <a className="unseen" href="#command" onClick={toCommand}>
        {words.skip}
      </a>
      <h1 className={css.title}>
        <span aria-hidden="true">■</span> nexus
      </h1>
      <button type="button" title={address} onClick={() => usePanel.getState().show('/identity')}>
        {identity}
      </button>
      <button type="button" aria-pressed={raw} onClick={() => set({ raw: !raw })}>
        {words.raw}
      </button>
      <Choice label={words.theme} value={theme} options={words.themes} onChoose={(chosen) => set({ theme: chosen })} />
      <Choice
        label={words.language}
        value={language}
        options={LANGUAGES}
        onChoose={(chosen) => set({ language: chosen })}
      />
    </header>
  );
}

/** Each in its own words, so that it is found by who does not read the other. */
const LANGUAGES: Record<Language, string> = { en: 'English', zh: '中文' };

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: Record<T, string>;
  onChoose(value: T): void;
}

function Choice<T extends string>({ label, value, options, onChoose }: ChoiceProps<T>) {
  const isOption = (text: string): text is T => text in options;
  return (
    <select
      aria-label={label}
      title={label}
      value={value}
      onChange={({ target }) => isOption(target.value) && onChoose(target.value)}
    >
      {Object.entries<string>(options).map(([option, name]) => (
        <option key={option} value={option}>
          {name}
        </option>
      ))}
    </select>
  );
}

/** The address of the page stays as it is. */
function toCommand(event: React.MouseEvent): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#command [role=combobox]')?.focus();
}
