/** The machine drawn: Mermaid text made from the machine's own definition, so that the picture cannot disagree with the code. */
import { tokenLife } from './machine.js';

interface Node {
  readonly key: string;
  readonly type: string;
  readonly initial?: { readonly target: readonly Node[] } | undefined;
  readonly states: Readonly<Record<string, Node>>;
  readonly transitions: ReadonlyMap<string, readonly Edge[]>;
  readonly always?: readonly Edge[];
}

interface Edge {
  readonly target?: readonly Node[] | undefined;
  readonly guard?: unknown;
}

/** A Mermaid state diagram with one composite state for each region. */
export function stateDiagram(): string {
  const root = tokenLife.root as unknown as Node;
  const lines = ['stateDiagram-v2', '  state token {'];
  Object.values(root.states).forEach((region, index) => {
    if (index > 0) lines.push('    --');
    lines.push(`    state "${region.key}" as ${region.key} {`);
    const initial = region.initial?.target[0];
    if (initial !== undefined) lines.push(`      [*] --> ${id(region, initial)}`);
    for (const state of Object.values(region.states)) {
      lines.push(`      state "${state.key}" as ${id(region, state)}`);
      for (const [label, target] of edges(state))
        lines.push(`      ${id(region, state)} --> ${id(region, target)} : ${label}`);
      if (state.type === 'final') lines.push(`      ${id(region, state)} --> [*]`);
    }
    lines.push('    }');
  });
  return [...lines, '  }', ''].join('\n');
}

const id = (region: Node, state: Node): string => `${region.key}_${state.key}`;

/** Edges to another state, one for each target, with every event that leads there. */
function edges(state: Node): [string, Node][] {
  const byTarget = new Map<Node, string[]>();
  const add = (label: string, edge: Edge): void => {
    const target = edge.target?.[0];
    if (target === undefined || target === state) return;
    const guard = typeof edge.guard === 'string' && edge.guard !== 'isOpen' ? ` [${edge.guard}]` : '';
    byTarget.set(target, [...(byTarget.get(target) ?? []), `${label}${guard}`]);
  };
  for (const [event, list] of state.transitions) for (const edge of list) add(event, edge);
  for (const edge of state.always ?? []) add('as soon as', edge);
  return [...byTarget].map(([target, labels]) => [[...new Set(labels)].join('<br/>'), target]);
}
