/** Dead letters of both stages: what could not be processed, sealed, with the reason and the fields at fault. */
import type { Codec } from '@tokenline/contracts';
import type { DeadLetter, FieldError, Rejection } from '@tokenline/domain';
import { looksSensitive } from '@tokenline/runtime';
import { eventHeaders, type OutRecord } from '@tokenline/streams';

const type = 'tokenline.deadletters.DeadLetter';

/** Ends the media type of a letter whose original is not text: the sealed value is base64 of the bytes. */
export const base64Suffix = '; encoding=base64';

const mostErrors = 50;

export type LetterOf = Omit<DeadLetter, 'reasonCode' | 'explanation' | 'errors'>;

/** The record that puts a refused message aside. */
export function deadLetterRecord(codec: Pick<Codec, 'encode'>, about: LetterOf, why: Rejection): OutRecord {
  const letter: DeadLetter = {
    ...about,
    reasonCode: why.code,
    explanation: why.explanation,
    errors: presentable(why.errors),
  };
  return {
    topic: 'token.dead-letters',
    key: letter.deadLetterId,
    value: codec.encode(type, letter),
    headers: eventHeaders({
      id: letter.deadLetterId,
      type,
      source: 'ingest',
      time: letter.failedAt,
      subject: letter.deadLetterId,
      traceparent: letter.headers.traceparent,
    }),
  };
}

/** Errors fit to be shown and kept: senders choose field names, so a name may itself be what must not get out. */
export function presentable(errors: readonly FieldError[]): readonly FieldError[] {
  return errors.slice(0, mostErrors).map(({ path, message }) => ({ path: presentablePath(path), message }));
}

/** Names are short, without spaces, and hold no run of digits long enough for a phone number. */
function presentablePath(path: string): string {
  const plain =
    /^[\w.[\]:-]{0,120}$/.test(path) && !/\d{7}/.test(path.replaceAll(/[^\w]/g, '')) && !looksSensitive(path);
  return plain ? path : '(name withheld)';
}
