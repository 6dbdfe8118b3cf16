/** The commands that run in the browser. None of them makes a request. */

import type { Args, Definition, Reply } from '@nexus/client';
import type { Found } from '../catalogue/find.ts';
import { useCatalogue } from '../catalogue/store.ts';
import { useLog } from '../log/store.ts';
import type { Listed } from '../results/help.tsx';
import { type Theme, useSettings } from '../settings/store.ts';
import { useWords } from './words.ts';

/** `args` are those of a form, in place of the words that were typed. */
export function runHere({ definition, rest }: Found, args?: Args): Reply {
  const words = useWords.now();
  switch (definition.name) {
    case 'help':
      return rest ? noArguments(definition) : help();
    case 'clear':
      if (rest) return noArguments(definition);
      useLog.getState().clear();
      return success(words.cleared);
    case 'theme': {
      const theme = themeIn(args && !Array.isArray(args) ? String(args.mode) : rest);
      if (!theme) return failure('invalid_arguments', words.whichTheme, definition.usage);
      useSettings.getState().set({ theme });
      return success(words.themeIs(theme));
    }
    default:
      return failure('client_command', words.notHere(definition.name), words.notHereHint);
  }
}

/** Every command by its usage. */
function help(): Reply & { data: Listed } {
  const words = useWords.now();
  const { definitions, source } = useCatalogue.getState();
  const forms = definitions.flatMap((definition) => [definition, ...(definition.subcommands ?? [])]);
  const commands = forms.map(({ usage, description, requiresSignature, requiresRole, requiresIdentity }) => {
    const needs = requiresSignature || requiresRole ? words.signed : requiresIdentity && words.proven;
    return { usage, description, ...(needs && { needs }) };
  });
  return { ...success(words.commands), data: { commands, note: source === 'server' ? words.keys : words.notAll } };
}

/** As the server would read it: a plain word, or an argument by name. */
function themeIn(text: string): Theme | undefined {
  const [, word = ''] = /^(?:--mode[= ]\s*|mode:)?(\S+)$/.exec(text) ?? [];
  return (['light', 'dark', 'system'] as const).find((theme) => theme === word.toLowerCase());
}

function noArguments({ name, usage }: Definition): Reply {
  return failure('invalid_arguments', useWords.now().takesNothing(name), usage);
}

function success(message: string): Reply {
  return { status: 'success', message, http: 0 };
}

function failure(code: string, message: string, hint: string): Reply {
  return { status: 'error', code, message, hint, http: 0 };
}
