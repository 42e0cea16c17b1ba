/**
 * Stands for a release with a bug: preloaded into a process (NODE_OPTIONS=--import), it changes the text of one of our modules as it is loaded.
 * TOKENLINE_TEST_MUTATION says which:
 *
 *   mapper      drops what says that a token reached its device, once the message is safely in the log
 *   fold        completes a token that is on its device, active or not: a Visa step-up completes at the TCN instead of after the code
 *   projector   of several changes of a token in one batch, applies the oldest
 */
import { register } from 'node:module';

const mutations = {
  mapper: {
    module: '/libs/domain/dist/ehi/map.js',
    from: 'facts: [fact] }',
    to: "facts: 'inboundId' in message && fact.kind === 'DEVICE_PROVISIONED' ? [] : [fact] }",
  },
  fold: {
    module: '/libs/domain/dist/lifecycle/machine.js',
    from: "isComplete: and([stateIn({ status: 'active' }), onItsDevice])",
    to: 'isComplete: onItsDevice',
  },
  projector: {
    module: '/services/projector/dist/tokens.js',
    from: '(newest.get(tokenId)?.state.version ?? -1) < event.value.state.version',
    to: '(newest.get(tokenId)?.state.version ?? Infinity) > event.value.state.version',
  },
};

const name = process.env.TOKENLINE_TEST_MUTATION ?? '';
const mutation = Object.entries(mutations).find(([key]) => key === name)?.[1];
if (mutation === undefined) throw new Error(`There is no mutation '${name}'.`);

const hooks = `
  const { module, from, to } = ${JSON.stringify(mutation)};
  export async function load(url, context, next) {
    const loaded = await next(url, context);
    if (!url.endsWith(module)) return loaded;
    const text = String(loaded.source);
    if (!text.includes(from)) throw new Error('The mutation finds nothing to change in ' + module + '.');
    return { ...loaded, source: text.replace(from, to) };
  }
`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
