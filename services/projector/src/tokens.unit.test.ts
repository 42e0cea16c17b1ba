import type { TokenState } from '@tokenline/domain';
import { BSON } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { changed, ignored, merged, noon, state } from './sample-events.js';
import { gatherTokens, type LifecycleEvent, tokenDocument } from './tokens.js';

/** The document as it is kept. */
function kept(of: TokenState) {
  return BSON.deserialize(BSON.serialize(tokenDocument(of), { ignoreUndefined: true }));
}

describe('tokenDocument', () => {
  it('turns epoch milliseconds into dates and keeps the rest', () => {
    const doc = kept(state('t1', 3, { wallet: 'APPLE', card: { ref: 'r', last4: undefined } }));
    expect(doc).toStrictEqual({
      _id: 't1',
      network: 'MDES',
      status: 'ACTIVE',
      suspendedBy: [],
      provisioning: {
        outcome: 'COMPLETED',
        path: 'GREEN',
        requestedAt: new Date(noon),
        completedAt: new Date(noon + 2_000),
      },
      wallet: 'APPLE',
      card: { ref: 'r' },
      aliases: [{ kind: 'threddPaymentTokenId', value: '70000001' }],
      version: 3,
      updatedAt: new Date(noon + 3),
    });
  });

  it('shows what is bound, since when the token is gone from its wallet, and its first use', () => {
    const { bindings, removedFromWalletAt, firstUsedAt } = kept(
      state('t1', 1, {
        bindings: [
          { bindingId: '1', device: { id: 'browser-1', name: undefined }, boundAt: noon },
          { bindingId: undefined, device: undefined, boundAt: noon + 1 },
        ],
        removedFromWalletAt: noon + 2,
        firstUsedAt: noon + 3,
      }),
    );
    expect(bindings).toStrictEqual([
      { bindingId: '1', device: { id: 'browser-1' }, boundAt: new Date(noon) },
      { boundAt: new Date(noon + 1) },
    ]);
    expect(removedFromWalletAt).toEqual(new Date(noon + 2));
    expect(firstUsedAt).toEqual(new Date(noon + 3));
  });

  it('leaves absent and UNKNOWN values out', () => {
    const doc = kept(state('t1', 1, { network: 'UNKNOWN', tokenType: 'UNKNOWN', provisioning: { path: 'UNKNOWN' } }));
    expect(Object.keys(doc)).not.toContain('network');
    expect(Object.keys(doc)).not.toContain('tokenType');
    expect(Object.keys(doc)).not.toContain('bindings');
    expect(Object.keys(doc)).not.toContain('removedFromWalletAt');
    expect(Object.keys(doc)).not.toContain('firstUsedAt');
    expect(doc.provisioning).toStrictEqual({});
  });
});

function writesOf(...events: readonly LifecycleEvent[]) {
  const tokens = gatherTokens();
  for (const event of events) tokens.add(event);
  return tokens.writes();
}

describe('gatherTokens', () => {
  it('makes one write of several changes of a token: the highest version, wherever it stands in the lot', () => {
    const { fresh, changed: docs } = writesOf(
      changed('t1', 2),
      changed('t2', 7),
      changed('t1', 4, { status: 'SUSPENDED' }),
      changed('t1', 3),
    );
    expect(docs.map((d) => [d._id, d.version, d.status])).toEqual([
      ['t1', 4, 'SUSPENDED'],
      ['t2', 7, 'ACTIVE'],
    ]);
    expect(fresh).toEqual([]);
  });

  it('takes a token for new when its first version is in the lot, wherever that stands', () => {
    const { fresh, changed: docs } = writesOf(
      changed('t1', 1),
      changed('t1', 2),
      changed('t2', 2),
      changed('t2', 1),
      changed('t3', 2),
    );
    expect(fresh.map((d) => [d._id, d.version])).toEqual([
      ['t1', 2],
      ['t2', 2],
    ]);
    expect(docs.map((d) => [d._id, d.version])).toEqual([['t3', 2]]);
  });

  it('keeps a merge beside the change it came with, and takes nothing from ignored facts', () => {
    const writes = writesOf(changed('t1', 1), merged('t1', 't0', 1), ignored('t1', 1, 'x'));
    expect(writes.fresh).toHaveLength(1);
    expect(writes.changed).toHaveLength(0);
    expect(writes.merged.map((m) => m.intoTokenId)).toEqual(['t0']);
  });
});
