/**
 * An issuer's own texts: what they change of the built-in ones, and what they add.
 *
 *   {"fallback"?: "de",
 *    "languages": {"de": {"words"?: {"card"?: "…", …, "devices"?: {"phone"?: "…", …}},
 *                         "dates"?: "de-AT",
 *                         "texts"?: {"PROVISIONING_COMPLETED": {"plain"?: {"subject": "…", "body": "…" | ["…", …]}, "sms"?: {"body": …}, …}, …}},
 *                  "fr-CA": {…},
 *                  "it": {…}}}
 *
 * A language that is built in, or whose shorter tag is (`fr-CA`), may leave out whatever is to stay; any other states all words, and `plain` for each
 * kind. Refused: variables that do not exist or not for that kind, a code's text without {{code}}, a subject with it (subjects show on locked screens),
 * a completion that does not name card, wallet and device, markup around a variable that would take it out of the text.
 */
import { type NoticeKind, noticeKinds } from '../kinds.js';
import { builtInTexts, type NoticeTexts } from './catalogue.js';
import { variablesIn } from './fill.js';
import {
  deviceClasses,
  type FormText,
  type KindTexts,
  type Language,
  type LanguageWords,
  type NoticeForm,
  noticeForms,
  type Variable,
  variables,
} from './language.js';

/** The texts are unusable. The message names the path of each that is at fault, and why. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

type Json = Readonly<Record<string, unknown>>;
type Fail = (path: string, message: string) => void;

/** Reads the JSON text form and lays it over the built-in texts. Throws TemplateError. */
export function parseNoticeTexts(text: string): NoticeTexts {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new TemplateError('The templates are not JSON.');
  }
  const problems: string[] = [];
  const fail: Fail = (path, message) => void problems.push(`${path === '' ? 'it' : path} ${message}`);
  const given = objectAt(value, '', ['fallback', 'languages'], fail);
  const languages = new Map(builtInTexts.languages);
  // Shorter tags first: fr-CA builds on fr.
  const tags = entriesOf(given?.languages, 'languages', fail).toSorted(([a], [b]) => a.length - b.length);
  for (const [tag, one] of tags) {
    const path = `languages.${tag}`;
    if (!isTag(tag)) fail(path, 'is not a language tag such as fr-CA');
    else languages.set(tag, languageFrom(one, path, baseOf(tag, languages), tag, fail));
  }
  const fallback = given?.fallback ?? builtInTexts.fallback;
  if (typeof fallback !== 'string' || !languages.has(fallback))
    fail('fallback', 'is not a language there are texts in');
  if (problems.length > 0) throw new TemplateError(`The templates are refused: ${problems.join('; ')}.`);
  return { fallback: fallback as string, languages };
}

function baseOf(tag: string, languages: ReadonlyMap<string, Language>): Language | undefined {
  for (let shorter = tag; shorter !== ''; shorter = shorter.replace(/-?[^-]*$/, '')) {
    const language = languages.get(shorter);
    if (language !== undefined) return language;
  }
  return undefined;
}

function languageFrom(value: unknown, path: string, base: Language | undefined, tag: string, fail: Fail): Language {
  const given = objectAt(value, path, ['words', 'dates', 'texts'], fail);
  const { dates = base?.dates ?? tag } = given ?? {};
  if (typeof dates !== 'string' || !isTag(dates)) fail(`${path}.dates`, 'is not a language tag such as fr-CA');
  const texts: Partial<Record<NoticeKind, KindTexts>> = { ...base?.texts };
  for (const [kind, one] of entriesOf(given?.texts, `${path}.texts`, fail)) {
    const at = `${path}.texts.${kind}`;
    if (!isOneOf(noticeKinds, kind)) fail(at, 'is not a kind of notice');
    else texts[kind] = kindFrom(one, at, base?.texts[kind], kind, fail);
  }
  for (const kind of noticeKinds) if (texts[kind] === undefined) fail(`${path}.texts.${kind}`, 'is missing');
  return {
    dates: dates as string,
    words: wordsFrom(given?.words, `${path}.words`, base?.words, fail),
    texts: texts as Language['texts'],
  };
}

function kindFrom(value: unknown, path: string, base: KindTexts | undefined, kind: NoticeKind, fail: Fail): KindTexts {
  const given = objectAt(value, path, noticeForms, fail) ?? {};
  const forms: Partial<Record<NoticeForm, FormText>> = { ...base };
  for (const form of noticeForms) {
    if (given[form] === undefined) continue;
    const text = formFrom(given[form], `${path}.${form}`, form, fail);
    if (text === undefined) continue;
    forms[form] = text;
    for (const [at, message] of faultsOf(kind, form, text)) fail(`${path}.${form}.${at}`, message);
  }
  if (forms.plain === undefined) fail(`${path}.plain`, 'is missing');
  else if (forms.plain.subject === undefined) fail(`${path}.plain.subject`, 'is missing');
  return forms as KindTexts;
}

function formFrom(value: unknown, path: string, form: NoticeForm, fail: Fail): FormText | undefined {
  const given = objectAt(value, path, form === 'sms' ? ['body'] : ['subject', 'body'], fail);
  if (given === undefined) return undefined;
  const { subject, body } = given;
  if (subject !== undefined && typeof subject !== 'string') fail(`${path}.subject`, 'is not a text');
  const paragraphs = typeof body === 'string' ? [body] : body;
  if (!Array.isArray(paragraphs) || paragraphs.length === 0 || !paragraphs.every((one) => typeof one === 'string')) {
    fail(`${path}.body`, 'is neither a text nor a list of texts');
    return undefined;
  }
  return { ...(typeof subject === 'string' && { subject }), body: paragraphs };
}

const longest = 2_000;
const codeOnly: ReadonlySet<string> = new Set<Variable>(['code', 'goodUntil']);

/** What is wrong with a text of a kind and form: places in it, and sentences. Nothing of what is built in. */
export function faultsOf(
  kind: NoticeKind,
  form: NoticeForm,
  { subject, body }: FormText,
): readonly (readonly [at: string, message: string])[] {
  const faults: (readonly [string, string])[] = [];
  const tellsCode = kind === 'ACTIVATION_CODE';
  const named = new Set([subject ?? '', ...body].flatMap(variablesIn));
  const places = [['subject', subject] as const, ...body.map((text, i) => [`body[${i}]`, text] as const)];
  for (const [at, text] of places) {
    if (text === undefined) continue;
    const fault = (message: string) => void faults.push([at, message]);
    if (text.trim() === '') fault('is empty');
    if (text.length > longest) fault(`is longer than ${longest} characters`);
    if (/\p{Cc}/u.test(text)) fault('holds a line break or another control character');
    const rest = text.replace(/\{\{\w+\}\}/g, '');
    if (/\{\{|\}\}/.test(rest)) fault('holds braces that are no variable: {{name}}, without blanks');
    for (const name of variablesIn(text)) {
      if (!isOneOf(variables, name)) fault(`names {{${name}}}, which is no variable`);
      else if (codeOnly.has(name) && !tellsCode) fault(`names {{${name}}}, which only ACTIVATION_CODE has`);
    }
    if (form === 'html' && at !== 'subject' && /<[^>]*\{\{|<\s*(script|style)\b/i.test(text))
      fault('has a variable inside a tag, or a script or style');
  }
  if (variablesIn(subject ?? '').includes('code'))
    faults.push(['subject', 'names {{code}}: it shows on locked screens']);
  if (tellsCode && !body.some((text) => variablesIn(text).includes('code')))
    faults.push(['body', 'does not name {{code}}']);
  if (kind === 'PROVISIONING_COMPLETED') {
    for (const name of ['card', 'wallet', 'device'])
      if (!named.has(name) && !(form === 'push' && subject === undefined))
        faults.push(['body', `does not name {{${name}}}`]);
  }
  return faults;
}

const plainWords = ['card', 'wallet'] as const;
const wordsWith = { cardEnding: 'last4', device: 'name', goodUntil: 'time' } as const;
const wordNames = [...plainWords, 'cardEnding', 'device', 'devices', 'goodUntil'] as const;

function wordsFrom(value: unknown, path: string, base: LanguageWords | undefined, fail: Fail): LanguageWords {
  const given = value === undefined ? {} : (objectAt(value, path, wordNames, fail) ?? {});
  const devices =
    given.devices === undefined ? {} : (objectAt(given.devices, `${path}.devices`, deviceClasses, fail) ?? {});
  const word = (from: Json, at: string, name: string, fallback: string | undefined, variable?: string): string => {
    const text = from[name] ?? fallback;
    if (text === undefined) fail(`${at}.${name}`, 'is missing');
    else if (typeof text !== 'string' || text.trim() === '' || text.length > 200 || /\p{Cc}/u.test(text))
      fail(`${at}.${name}`, 'is not a text of up to 200 characters on one line');
    else if (String(variablesIn(text)) !== (variable ?? '') || /\{\{|\}\}/.test(text.replace(/\{\{\w+\}\}/g, '')))
      fail(
        `${at}.${name}`,
        variable === undefined ? 'has no variables' : `has to name {{${variable}}}, once, and nothing else`,
      );
    return String(text);
  };
  const plain = (name: (typeof plainWords)[number]) => word(given, path, name, base?.[name]);
  const filled = (name: keyof typeof wordsWith) => word(given, path, name, base?.[name], wordsWith[name]);
  const classes = deviceClasses.map((name) => [name, word(devices, `${path}.devices`, name, base?.devices[name])]);
  return {
    card: plain('card'),
    cardEnding: filled('cardEnding'),
    wallet: plain('wallet'),
    device: filled('device'),
    devices: Object.fromEntries(classes) as LanguageWords['devices'],
    goodUntil: filled('goodUntil'),
  };
}

function objectAt(value: unknown, path: string, names: readonly string[], fail: Fail): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    fail(path, 'is not an object');
    return undefined;
  }
  for (const name of Object.keys(value))
    if (!names.includes(name)) fail(path === '' ? name : `${path}.${name}`, 'is not known here');
  return value as Json;
}

function entriesOf(value: unknown, path: string, fail: Fail): readonly (readonly [string, unknown])[] {
  if (value === undefined) return [];
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value);
  fail(path, 'is not an object');
  return [];
}

function isOneOf<T extends string>(names: readonly T[], name: string): name is T {
  return (names as readonly string[]).includes(name);
}

function isTag(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag)[0] === tag && new Intl.Locale(tag).baseName === tag;
  } catch {
    return false;
  }
}
