/** The three servers Tokenline needs underneath it, in the order they have to come up. */
export const stackParts = ['kafka', 'registry', 'mongodb'] as const;

export type StackPart = (typeof stackParts)[number];

interface PartFacts {
  /** How the part is named inside a sentence. */
  readonly title: string;
  /** Setting this variable switches the local start of the part off. */
  readonly addressVariable: string;
}

export const partFacts: Readonly<Record<StackPart, PartFacts>> = {
  kafka: { title: 'Kafka', addressVariable: 'TOKENLINE_KAFKA_BROKERS' },
  registry: { title: 'the schema registry', addressVariable: 'TOKENLINE_SCHEMA_REGISTRY_URL' },
  mongodb: { title: 'MongoDB', addressVariable: 'TOKENLINE_MONGODB_URI' },
};

/**
 * Who stops when: lower phases first, everything inside one phase together. Services write to Kafka and MongoDB, the
 * registry keeps its data in Kafka, so each goes before what it leans on.
 */
export const stopPhases = { service: 0, registry: 1, kafka: 2, mongodb: 3 } as const;

/** `['a', 'b', 'c']` → `a, b and c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

export function capitalised(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
