export const charts = {
  confusionAxes: '行：真实类别，列：预测类别',
  confusionCell: '{{truth}} 有 {{samples}} 个被判为 {{guess}}',
  memoryMap: '各算子执行时张量区中的活跃张量',
  memoryBox: '{{name}}：{{bytes}}，位于 {{offset}}',
  operator: '算子',
  kernel: '内核',
  share: '占比',
  perMac: '每 MAC 的 {{counter}}',
  pareto: '{{gain}}与{{cost}}的关系',
} as const
