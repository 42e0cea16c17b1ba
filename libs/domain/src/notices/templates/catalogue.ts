/** Which language a cardholder is told in: fr-CA, where there are texts of its own, else fr, else the catalogue's fallback. */
import { english } from './english.js';
import { french } from './french.js';
import { german } from './german.js';
import type { Language } from './language.js';
import { spanish } from './spanish.js';

export interface NoticeTexts {
  /** Language of cardholders whose own there is none of; one of `languages`. */
  readonly fallback: string;
  /** By BCP 47 tag. */
  readonly languages: ReadonlyMap<string, Language>;
}

export const builtInTexts: NoticeTexts = {
  fallback: 'en',
  languages: new Map([
    ['en', english],
    ['de', german],
    ['fr', french],
    ['es', spanish],
  ]),
};

export interface Spoken {
  readonly tag: string;
  readonly language: Language;
  /** BCP 47 tag for the form of dates: the cardholder's own where it is of this language and names a country. */
  readonly dates: string;
}

/** The language for a cardholder's locale (BCP 47); for none, or one that is no tag, the fallback. */
export function spokenTo(locale: string | undefined, { fallback, languages }: NoticeTexts): Spoken {
  const asked = localeOf(locale);
  for (let tag = asked?.baseName ?? ''; tag !== ''; tag = tag.replace(/-?[^-]*$/, '')) {
    const language = languages.get(tag);
    if (language !== undefined)
      return { tag, language, dates: asked?.region === undefined ? language.dates : asked.baseName };
  }
  const language = languages.get(fallback);
  if (language === undefined) throw new Error(`There are no texts in the fallback language ${fallback}.`);
  return { tag: fallback, language, dates: language.dates };
}

function localeOf(tag: string | undefined): Intl.Locale | undefined {
  if (tag === undefined) return undefined;
  try {
    return new Intl.Locale(tag);
  } catch {
    return undefined;
  }
}
