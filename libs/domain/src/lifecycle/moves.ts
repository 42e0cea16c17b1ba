/**
 * The machine's transitions, each asked for once. XState decides every one of them (step.ts); what it said is kept, because asking takes it
 * 5 µs and looking it up a tenth of that.
 *
 *   Life   a shape, which is everything about a life but its times, and the times themselves
 *   Move   from one shape to another on an event, and where each time of the new life comes from: a time of the old one, or the event's own
 *
 * A move is learned by showing the machine a life with a different mark in place of each time and seeing which mark ends up where. That is
 * sound as long as the machine never compares times, only carries them: a property test holds it against the machine itself.
 * Shapes are few (states × sets of parties × which times are known), whatever the number of tokens.
 */
import type { TokenType } from '../generated/records.js';
import { type LifeContext, type LifeEvent, type LifeInput, tokenLife } from './machine.js';
import { begin, type LifeSnapshot, step } from './step.js';

const timeNames = [
  'requestedAt',
  'onDeviceAt',
  'activatedAt',
  'completedAt',
  'now',
] as const satisfies readonly (keyof LifeContext)[];
type TimeName = (typeof timeNames)[number];

/** One for each of `timeNames`. */
type OfTimes<T> = readonly [requestedAt: T, onDeviceAt: T, activatedAt: T, completedAt: T, now: T];
/** `now` is always known. */
type Times = OfTimes<number | undefined>;

export interface Shape extends Omit<LifeContext, TimeName> {
  readonly value: LifeSnapshot['value'];
}

export interface Life {
  readonly shape: Shape;
  readonly times: Times;
}

interface Move {
  readonly to: Shape;
  /** For each time of the new life, its place among those of the old one; `ofEvent` for the event's own; undefined when it is not known. */
  readonly sources: OfTimes<number | undefined>;
}

const ofEvent = timeNames.length;
/** Stands for the event's time while a move is learned; the place of a time, plus one, stands for that time. */
const markOfEvent = ofEvent + 1;

const shapes = new Map<string, Shape>();
/** What is known of each shape, by event and by which times are known: null where the event is not legal. */
const learned = new Map<Shape, Map<string, (Move | null | undefined)[]>>();
const beginnings = new Map<TokenType | undefined, Life>();

/** The life before any fact. */
export function beginLife({ tokenType }: LifeInput): Life {
  const known = beginnings.get(tokenType);
  if (known !== undefined) return known;
  const snapshot = begin({ tokenType });
  const life = { shape: shapeOf(snapshot), times: ofTimes((name) => snapshot.context[name]) };
  beginnings.set(tokenType, life);
  return life;
}

/** The life after an event; the same object when the event is not legal. */
export function moveLife(life: Life, event: LifeEvent): Life {
  const move = moveOf(life, event);
  if (move === null) return life;
  const { at } = event;
  const { times } = life;
  const [requested, onDevice, activated, completed, now] = move.sources;
  return {
    shape: move.to,
    times: [
      timeFrom(requested, times, at),
      timeFrom(onDevice, times, at),
      timeFrom(activated, times, at),
      timeFrom(completed, times, at),
      timeFrom(now, times, at),
    ],
  };
}

function timeFrom(source: number | undefined, times: Times, at: number): number | undefined {
  if (source === undefined) return undefined;
  return source === ofEvent ? at : times[source];
}

function ofTimes<T>(of: (name: TimeName) => T): OfTimes<T> {
  return timeNames.map(of) as unknown as OfTimes<T>;
}

/** A life's times by name. */
export function timesOf({ times }: Life): Readonly<Record<TimeName, number | undefined>> {
  const [requestedAt, onDeviceAt, activatedAt, completedAt, now] = times;
  return { requestedAt, onDeviceAt, activatedAt, completedAt, now };
}

function moveOf({ shape, times }: Life, event: LifeEvent): Move | null {
  let byEvent = learned.get(shape);
  if (byEvent === undefined) {
    byEvent = new Map();
    learned.set(shape, byEvent);
  }
  const key = keyOf(event);
  let moves = byEvent.get(key);
  if (moves === undefined) {
    moves = [];
    byEvent.set(key, moves);
  }
  let known = 0;
  for (let place = 0; place < times.length; place++) known = known * 2 + (times[place] === undefined ? 0 : 1);
  let move = moves[known];
  if (move === undefined) {
    move = learn(shape, times, event);
    moves[known] = move;
  }
  return move;
}

function keyOf(event: LifeEvent): string {
  if ('party' in event) return `${event.type} ${event.party}`;
  return 'parties' in event ? `${event.type} ${[...new Set(event.parties)].sort().join(' ')}` : event.type;
}

function learn(shape: Shape, times: Times, event: LifeEvent): Move | null {
  const { value, ...rest } = shape;
  const marks = Object.fromEntries(
    timeNames.map((name, place) => [name, times[place] === undefined ? undefined : place + 1]),
  ) as Pick<LifeContext, TimeName>;
  const before = tokenLife.resolveState({ value, context: { ...rest, ...marks } });
  const after = step(before, { ...event, at: markOfEvent });
  if (after === before) return null;
  const sources = ofTimes((name) => {
    const mark = after.context[name];
    return mark === undefined ? undefined : mark - 1;
  });
  return { to: shapeOf(after), sources };
}

/** One object for each shape. Suspenders are a set: sorted here, so that the order of joining makes no other shape. */
function shapeOf({ value, context }: LifeSnapshot): Shape {
  const { requestedAt: _r, onDeviceAt: _o, activatedAt: _a, completedAt: _c, now: _n, ...rest } = context;
  const shape: Shape = { value, ...rest, suspendedBy: [...rest.suspendedBy].sort() };
  const { tokenType, path, suspendedBy } = shape;
  const key = JSON.stringify([value, tokenType ?? null, path ?? null, suspendedBy]);
  const known = shapes.get(key);
  if (known !== undefined) return known;
  shapes.set(key, shape);
  return shape;
}
