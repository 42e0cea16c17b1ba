/** Asking for things one by one, and being asked for many at once. */
import { createGather } from '@tokenline/streams';

/** Asks for one thing by its id; what is asked for while one question is under way is one question. */
export function createLookup<T>(
  find: (ids: readonly string[]) => Promise<ReadonlyMap<string, T>>,
): (id: string) => Promise<T | undefined> {
  interface Question {
    readonly id: string;
    found?: T | undefined;
  }
  const questions = createGather<Question>(
    async (asked) => {
      const found = await find(asked.map(({ id }) => id));
      for (const question of asked) question.found = found.get(question.id);
    },
    { most: 100, paceMs: 0 },
  );
  return async (id) => {
    const question: Question = { id };
    await questions.add([question]);
    return question.found;
  };
}
