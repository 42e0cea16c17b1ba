/**
 * Where both far sides of a run, the mail server and the gateway, ask what to do with a message that has come complete, and note what they took.
 *
 *   closed      hold: the message is not taken and gets no answer
 *   armed       of the armed channel the first message never taken before is taken, and the sender struck dead, before the answer or as it leaves;
 *               what was taken before is taken again at once; everything else is held
 *   open        everything is taken
 */

/** The channels tried, as the ledger names them. */
export const channels = ['smtp', 'sms'] as const;
export type ChannelName = (typeof channels)[number];

/** When the sender dies: with nothing of the answer sent, or with the answer on its way. */
export const moments = ['before-answer', 'after-answer'] as const;
export type Moment = (typeof moments)[number];

export interface Strike {
  readonly channel: ChannelName;
  readonly moment: Moment;
}

export interface Desk {
  /** A message has come. The far side calls `strike` before or after it answers, as told; it must not answer what is held. */
  readonly arrive: (channel: ChannelName, message: Message) => { readonly take: boolean; readonly moment?: Moment };
  /** Kills the sender, now. */
  readonly strike: () => void;
  readonly close: () => void;
  readonly open: () => void;
  /** Resolves with the notice that was taken when `kill` had been called. */
  readonly arm: (strike: Strike, kill: () => void) => Promise<string>;
  /** The keys each notice was taken under, one for each time, by channel. */
  readonly taken: Readonly<Record<ChannelName, ReadonlyMap<string, readonly string[]>>>;
}

export interface Message {
  readonly noticeId: string;
  /** What a repeat is known by. */
  readonly key: string;
}

export function createDesk(): Desk {
  const taken = { smtp: new Map<string, string[]>(), sms: new Map<string, string[]>() };
  let mode: 'closed' | 'open' | { readonly armed: Strike; readonly hit: (noticeId: string) => void } = 'closed';
  let kill: () => void = () => undefined;

  const take = (channel: ChannelName, { noticeId, key }: Message): void => {
    taken[channel].set(noticeId, [...(taken[channel].get(noticeId) ?? []), key]);
  };
  return {
    taken,
    arrive: (channel, message) => {
      if (mode === 'closed') return { take: false };
      if (mode === 'open' || taken[channel].has(message.noticeId)) {
        take(channel, message);
        return { take: true };
      }
      if (mode.armed.channel !== channel) return { take: false };
      const { armed, hit } = mode;
      mode = 'closed';
      take(channel, message);
      hit(message.noticeId);
      return { take: true, moment: armed.moment };
    },
    strike: () => kill(),
    close: () => {
      mode = 'closed';
    },
    open: () => {
      mode = 'open';
    },
    arm: (armed, howToKill) =>
      new Promise((resolve) => {
        let struck = '';
        kill = () => {
          howToKill();
          resolve(struck);
        };
        mode = {
          armed,
          hit: (noticeId) => {
            struck = noticeId;
          },
        };
      }),
  };
}
