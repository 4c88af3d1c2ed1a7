/** How the process ends. Fixed: scripts rely on it. */

export const EXIT_DONE = 0
export const EXIT_FAILED = 1
export const EXIT_WRONG_USAGE = 2
/** Ctrl-C, SIGTERM or SIGHUP: the state is saved and `stopped` was announced. */
export const EXIT_INTERRUPTED = 130

export type ExitCode = 0 | 1 | 2 | 130
