import type { Command } from 'commander'
import type { RunCommand } from '../command-context.ts'
export function addUpCommand(_program: Command, _run: RunCommand): void {}
