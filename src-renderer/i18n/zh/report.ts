export const report = {
  ofAllRuns: '全部运行的报告',
} as const
