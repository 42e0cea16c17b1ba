/** Where a record lies on its topic. */
import type { TopicName } from '@tokenline/contracts';

export interface Place {
  readonly partition: number;
  readonly offset: number;
}

/** For a person: `token.lifecycle 3/120`. */
export function placeText(topic: TopicName, { partition, offset }: Place): string {
  return `${topic} ${partition}/${offset}`;
}
