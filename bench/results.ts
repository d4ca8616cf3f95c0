import type { Row } from './row.js'
export function saveResults(_rows: readonly Row[]): void {}
