export const charts = {
  confusionAxes: 'rows: truth, columns: prediction',
  confusionCell: '{{samples}} of {{truth}} taken for {{guess}}',
  memoryMap: 'Live tensors in the arena, operator by operator',
  memoryBox: '{{name}}: {{bytes}} at {{offset}}',
  operator: 'Operator',
  kernel: 'Kernel',
  share: 'Share',
  perMac: '{{counter}} / MAC',
  pareto: '{{gain}} against {{cost}}',
} as const
