export const charts = {
  confusionAxes: '行：真实类别，列：预测类别',
  confusionCell: '{{truth}} 有 {{samples}} 个被判为 {{guess}}',
  memoryMap: '各算子执行时张量区中的活跃张量',
  memoryBox: '{{name}}：{{bytes}}，位于 {{offset}}',
  operator: '算子',
  kernel: '内核',
  share: '占比',
  perMac: '每 MAC 的 {{counter}}',
  paretoPlot: '{{gain}}与{{cost}}的关系，{{n}} 个运行。方向键逐个移动，按住 Shift 框选。',
  paretoHint: '指向运行可查看名称，点击加入比较，拖出方框只看其中的运行。按键：方向键、空格、回车。',
  budget: '预算 {{limit}}',
} as const
