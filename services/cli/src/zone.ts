/** The clocks of a time zone, for the EHI mapper's context. */
import type { ClockTime, EhiContext } from '@tokenline/domain';

const dayMs = 86_400_000;

/** The zone of EHI's local stamps: TOKENLINE_EHI_TIME_ZONE, else Thredd's own. */
export function ehiZone(env: NodeJS.ProcessEnv): string {
  return env.TOKENLINE_EHI_TIME_ZONE?.trim() || 'Europe/London';
}

/** `zone` is an IANA name. The offsets of the day before and the day after are the only ones its clocks can have shown in between. */
export function zoneContext(zone: string): EhiContext {
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  const offsetAt = (instant: number): number => {
    const second = Math.floor(instant / 1_000) * 1_000;
    return Date.parse(`${clock.format(second).replace(' ', 'T')}Z`) - second;
  };
  return {
    localInstants: (t: ClockTime) => {
      const wall = Date.UTC(t.year, t.month - 1, t.day, t.hour, t.minute, t.second, t.millisecond);
      return [...new Set([offsetAt(wall - dayMs), offsetAt(wall + dayMs)])]
        .map((offset) => wall - offset)
        .filter((instant) => instant + offsetAt(instant) === wall)
        .sort((a, b) => a - b);
    },
  };
}
