/** Which states and edges of the machine stories reach. */

import type { TokenFact } from '../generated/records.js';
import { lifeEvents } from '../lifecycle/events.js';
import type { LifeEvent } from '../lifecycle/machine.js';
import { lifeEventTypes, tokenLife } from '../lifecycle/machine.js';
import { begin, type LifeSnapshot, step } from '../lifecycle/step.js';

/** A state's edge, as far as it is needed here: XState gives each edge one object. */
interface Edge {
  readonly eventType: string;
  readonly source: Node;
  readonly target?: readonly Node[] | undefined;
  readonly guard?: unknown;
}

interface Node {
  readonly key: string;
  readonly states: Readonly<Record<string, Node>>;
  readonly transitions: ReadonlyMap<string, readonly Edge[]>;
  readonly always?: readonly Edge[] | undefined;
}

const regions = Object.values((tokenLife.root as unknown as Node).states);

export interface Coverage {
  /** Runs a token's facts, sorted by compareFacts, as the fold does. */
  readonly run: (facts: readonly TokenFact[]) => void;
  /** States and edges not reached yet, by name. */
  readonly missing: () => readonly string[];
  /** How often each state's events were legal, as a table for each region. */
  readonly table: () => string;
}

export function createCoverage(): Coverage {
  const states = new Map<string, number>();
  const edges = new Map<Edge, number>();
  const count = <K>(counts: Map<K, number>, key: K): void => void counts.set(key, (counts.get(key) ?? 0) + 1);

  const note = (before: LifeSnapshot, event: LifeEvent, after: LifeSnapshot): void => {
    const taken = (tokenLife.getTransitionData(before, event) ?? []) as unknown as readonly Edge[];
    for (const edge of taken) count(edges, edge);
    for (const region of regions) {
      const [from, to] = [stateOf(region, before), stateOf(region, after)];
      count(states, `${region.key}.${to.key}`);
      // An eventless edge starts where the event led to.
      const led = taken.find((edge) => edge.source === from || edge.source === region)?.target?.[0] ?? from;
      const eventless = led === to ? undefined : led.always?.find((edge) => edge.target?.[0] === to);
      if (eventless !== undefined) count(edges, eventless);
    }
  };

  const declared = regions.flatMap((region) => [region, ...Object.values(region.states)].flatMap(edgesOf));
  return {
    run: (facts) => {
      const tokenType = facts.findLast((fact) => fact.tokenType !== undefined)?.tokenType;
      let life = begin({ tokenType });
      for (const region of regions) count(states, `${region.key}.${stateOf(region, life).key}`);
      for (const fact of facts) {
        for (const event of lifeEvents({ ...fact, tokenType: fact.tokenType ?? tokenType })) {
          const next = step(life, event);
          if (next !== life) note(life, event, next);
          life = next;
        }
      }
    },
    missing: () => [
      ...regions.flatMap((region) =>
        Object.keys(region.states)
          .map((state) => `${region.key}.${state}`)
          .filter((name) => !states.has(name)),
      ),
      ...declared.filter((edge) => !edges.has(edge)).map(edgeName),
    ],
    table: () => regions.map((region) => regionTable(region, states, edges)).join('\n\n'),
  };
}

function stateOf(region: Node, { value }: LifeSnapshot): Node {
  return region.states[value[region.key as keyof typeof value]] as Node;
}

function edgesOf(node: Node): readonly Edge[] {
  return [...[...node.transitions.values()].flat(), ...(node.always ?? [])];
}

function edgeName({ eventType, source, target, guard }: Edge): string {
  const on = eventType === '' ? 'as soon as complete' : eventType;
  const when = typeof guard === 'string' ? ` [${guard}]` : '';
  return `${source.key} ── ${on}${when} ──▶ ${target?.[0]?.key ?? source.key}`;
}

/** Columns are states, rows events; a dot where the state has no such edge. An event with several edges shows each count. */
function regionTable(region: Node, states: ReadonlyMap<string, number>, edges: ReadonlyMap<Edge, number>): string {
  const columns = [region, ...Object.values(region.states)];
  const cell = (list: readonly Edge[]): string => list.map((edge) => edges.get(edge) ?? 0).join('/') || '·';
  const rows = [
    [region.key, 'in every state', ...Object.keys(region.states)],
    ['times in it', '·', ...Object.keys(region.states).map((key) => String(states.get(`${region.key}.${key}`) ?? 0))],
    ...[...lifeEventTypes, ''].map((type) => [
      type === '' ? 'as soon as complete' : type,
      ...columns.map((node) => cell(edgesOf(node).filter((edge) => edge.eventType === type))),
    ]),
  ].filter(([, ...cells], i) => i < 2 || cells.some((text) => text !== '·'));
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
