export const report = {
  ofAllRuns: 'Report of all runs',
} as const
