import { createLogger, type Logger } from '@tokenline/runtime';

/** A logger for libraries used inside a tool: silent unless TOKENLINE_LOG_LEVEL asks for it. */
export function quietLog(env: NodeJS.ProcessEnv): Logger {
  return createLogger('cli', env.TOKENLINE_LOG_LEVEL?.trim() || 'silent');
}
