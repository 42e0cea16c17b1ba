import { decideCompletionNotice, type ProvisioningCompleted, tokenTypeSymbols } from '@tokenline/domain';
import { expect, it } from 'vitest';
import { noon } from '../testing/given.js';
import { completionDeadlineMs, isNoticeDue } from './notices.js';

it('asks for the notices the policy sends, in the time it gives', () => {
  for (const tokenType of [...tokenTypeSymbols, undefined]) {
    for (const wallet of ['APPLE', 'GOOGLE', 'SAMSUNG', undefined]) {
      const event = { eventId: 'e', tokenId: 't', completedAt: noon, tokenType, wallet } as ProvisioningCompleted;
      const decision = decideCompletionNotice(event);
      expect([tokenType, decision.decided === 'notice']).toEqual([tokenType, isNoticeDue(tokenType)]);
      if (decision.decided === 'notice') expect(decision.entry.deadlineAt).toBe(noon + completionDeadlineMs);
    }
  }
});
